import type { ToolCallPart } from "../../content.js";
import { isPlainObject } from "../../json.js";
import { parseJsonText } from "../../json-text.js";
import { fitUnicode } from "../unicode.js";

/** The arguments of a call as a wire takes them: an object, and its JSON. */
export interface FittedArguments {
  readonly value: Readonly<Record<string, unknown>>;
  readonly json: string;
  /** Whether the model wrote something that is not an object. */
  readonly broken: boolean;
}

const known = new WeakMap<ToolCallPart, FittedArguments>();

/** What the model wrote as an object: no text and null are `{}`, and so is what is not the JSON of an object. */
export function argumentsOf(call: ToolCallPart): FittedArguments {
  const before = known.get(call);
  if (before) return before;
  const fitted = fitArguments(call.arguments);
  known.set(call, fitted);
  return fitted;
}

const none = { value: {}, json: "{}" };

function fitArguments(written: string): FittedArguments {
  const trimmed = written.trim();
  if (trimmed === "" || trimmed === "null") return { ...none, broken: false };
  const read = parseJsonText(trimmed);
  if (!("value" in read) || !isPlainObject(read.value)) return { ...none, broken: true };
  // As an escape, half a surrogate pair is well-formed text, and what parses it is not.
  if (!/\\u[dD][89a-fA-F]/.test(written)) return { value: read.value, json: written, broken: false };
  const value = fitUnicode(read.value);
  return { value, json: value === read.value ? written : JSON.stringify(value), broken: false };
}
