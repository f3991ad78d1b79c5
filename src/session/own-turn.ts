import { currentScope, runInScope } from "../scope.js";

/** A turn of a session that runs, as the code sees it that runs inside, such as its tools. */
export interface OwnTurn {
  readonly session: object;
  isOver: boolean;
}

const key = Symbol.for("callwright.session-turn");

interface Marked {
  readonly [key]?: OwnTurn;
}

/** A change of the scope by which `isInsideTurnOf` knows what runs inside a turn. */
export function markOf(turn: OwnTurn): object {
  return { [key]: turn };
}

export function runInTurn<R>(turn: OwnTurn, body: () => R): R {
  return runInScope(markOf(turn), body);
}

/** Whether this code runs inside a turn of the session that is not over: the turn waits for it, so it must not wait for the turn. */
export function isInsideTurnOf(session: object): boolean {
  return currentScope().some((change) => {
    const turn = (change as Marked)[key];
    return turn?.session === session && !turn.isOver;
  });
}
