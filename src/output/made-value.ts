import type { CallResponse } from "../response.js";
import { currentScope } from "../scope.js";

/** A value that a call made of a response. */
export interface MadeValue {
  readonly value: unknown;
  readonly response: CallResponse<unknown>;
  /** Whether an `outputParser` made it, so that a string is text and not JSON. */
  readonly parsed: boolean;
}

/** A change of a scope that is told of values, by a key that all copies of the package share. */
const listenerKey = Symbol.for("callwright.made-value");

interface Listening {
  readonly [listenerKey]?: (made: MadeValue) => void;
}

/** Extends a change for `runInScope`, so that `listen` is called with each value that a call makes inside. */
export function onMadeValue<Change extends object>(change: Change, listen: (made: MadeValue) => void): Change {
  return { ...change, [listenerKey]: listen };
}

/** Tells the scopes around a call of the value that it made. */
export function noteValue(made: MadeValue): void {
  for (const change of currentScope()) (change as Listening)[listenerKey]?.(made);
}
