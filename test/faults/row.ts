import type { CallResponse, CallSettings, Middleware } from "callwright";
import type { WireReplyMaker, WireServer } from "callwright/testing";
import type { Provider } from "../streams/wire-chunks.js";

/** One fault, met by one provider's client, plain or streamed. */
export interface Cell {
  readonly provider: Provider;
  readonly reference: `${Provider}/${string}`;
  readonly streamed: boolean;
  /** Whether no option of the call is set and the clock is virtual. */
  readonly onDefaults: boolean;
  readonly server: WireServer;
}

/** What the caller and the server saw of it. */
export interface Outcome {
  /** What the call answered; undefined where it failed. */
  readonly answer?: string | undefined;
  readonly response?: CallResponse<unknown> | undefined;
  readonly error?: any;
  /** How it ended, where that is neither an answer nor an error. */
  readonly ends?: string;
  /** What a reader of the stream was handed out until then. */
  readonly shown: string;
  /** How many requests the server saw; where it could see none, how often one was tried. */
  readonly requests: number;
}

/** How a cell must end, in the words of the table. */
export interface Ending {
  /** "answers", or the class of the error, with its phase, or what else there is to see. */
  readonly ends: string;
  readonly requests: number;
  /** What was handed out before an error; all of it is on the error's `partial`, too. */
  readonly shown?: string;
}

export interface Row {
  /** The place in the table. Rows of one kind of fault share it; a new kind takes the next number. */
  readonly id: string;
  /** In a few words, for the table. */
  readonly fault: string;
  /** What the server does; without it, it answers. */
  readonly replies?: (cell: Cell) => readonly WireReplyMaker[];
  /** The options of the call, which shrink limits; they are left out on the defaults. */
  readonly settings?: CallSettings & { readonly use?: readonly Middleware[] };
  /** Where the call goes, instead of the wire server, and how many requests were seen there. Whatever it opens is closed by `close`. */
  readonly elsewhere?: (
    cell: Cell,
  ) => Promise<{ readonly baseURL: string; readonly requests?: () => number; readonly close?: () => Promise<void> }>;
  /** For faults that are more than one call. */
  readonly run?: (cell: Cell) => Promise<Outcome>;
  /** Left out where there is nothing like it in a plain call. */
  readonly plain?: Ending;
  readonly streamed: Ending;
  /** Where the defaults lead to another end than the options of this row. */
  readonly onDefaults?: { readonly plain?: Ending; readonly streamed?: Ending };
  /** What else must be seen. */
  readonly also?: (outcome: Outcome, cell: Cell) => void | Promise<void>;
}

export const answers = (requests = 1): Ending => ({ ends: "answers", requests });
export const fails = (ends: string, requests = 1, shown?: string): Ending => ({
  ends,
  requests,
  ...(shown !== undefined && { shown }),
});
