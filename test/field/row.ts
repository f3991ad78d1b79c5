import type { CallOptions, CallResponse, Input, ModelRef } from "callwright";
import type { WireReplyMaker, WireServer } from "callwright/testing";

/**
 * What a report is tried on: a provider by its name, or OpenAI's Responses API. Providers other than the first three are
 * presets, which speak Chat Completions with their own quirks.
 */
export type Target = "openai" | "responses" | "anthropic" | "mistral" | (string & {});

/** What a call came to, plain or streamed. */
export interface Outcome {
  /** The whole answer; undefined if the call failed or has a `responseModel`. */
  readonly response?: CallResponse<any>;
  /** The value of a call with a `responseModel`. */
  readonly value?: unknown;
  /** What was thrown. */
  readonly error?: any;
  /** The text that was handed out: of a stream, all chunks together, also if it failed in the end. */
  readonly shown: string;
  /** The tools that were handed out: in the tuples of a stream, or as `response.tools`. */
  readonly tools: readonly any[];
}

/** One report on one target, plain or streamed. */
export interface Cell {
  readonly target: Target;
  readonly reference: ModelRef;
  readonly streamed: boolean;
  readonly server: WireServer;
  /** Address, key and API of the target, for the options of a call, a model or a session. */
  readonly access: Pick<CallOptions, "api" | "apiKey" | "baseURL">;
  /** Scripts the server; the last reply repeats. */
  reply(...replies: readonly WireReplyMaker[]): void;
  /**
   * Makes one call, plain or streamed as the cell says, and reads it to the end. It never rejects. Retries are off unless
   * `use` is given, so one call is one request.
   */
  ask(input?: Input, options?: CallOptions): Promise<Outcome>;
  /** The body of the last request that the server saw. */
  readonly body: any;
}

/** A public report, or several of one kind. */
export interface Row {
  /** Its place in the table, such as "A1". */
  readonly id: string;
  /** What the server answers, or what is sent to it, in a few words. */
  readonly report: string;
  /** What callwright makes of it. */
  readonly outcome: string;
  /** Where it was reported, such as "litellm#2195". */
  readonly source: string;
  /** What it is tried on. */
  readonly on: readonly Target[];
  /** Left out, it is tried both ways. */
  readonly ways?: readonly ("plain" | "streamed")[];
  /** Tries it; an expectation that fails is the verdict. */
  readonly run: (cell: Cell) => Promise<void>;
}

/** A group of rows, under a heading of its own in the table. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}
