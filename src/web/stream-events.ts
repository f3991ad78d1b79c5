import type { StreamPromise } from "../call/stream-promise.js";
import type { ToolCallPart } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { parseJsonText } from "../json-text.js";
import type { FinishReason, Usage } from "../model.js";
import { OutputStream } from "../output/stream.js";
import { CallStream } from "../stream.js";
import { publicError } from "./public-error.js";
import { usageOf } from "./usage.js";

type Source = CallStream<unknown> | OutputStream<unknown>;

/** A stream, awaited or not. */
export type AnyStream =
  | CallStream<unknown>
  | OutputStream<unknown>
  | StreamPromise<unknown>
  | PromiseLike<CallStream<unknown> | OutputStream<unknown>>;

/** What a page is told of a stream. */
export type StreamEvent =
  /** New text, and new reasoning where there is some. */
  | { readonly event: "delta"; readonly data: { readonly text: string; readonly reasoning?: string } }
  /** A tool that was asked for, with its arguments as an object. */
  | {
      readonly event: "tool";
      readonly data: { readonly id: string; readonly name: string; readonly arguments: unknown };
    }
  /** Of an OutputStream: the value so far. */
  | { readonly event: "object"; readonly data: unknown }
  /** All that was shown so far is void. */
  | { readonly event: "restart"; readonly data: Readonly<Record<never, never>> }
  /** The end; tokens and USD of all steps, where they are known. */
  | {
      readonly event: "done";
      readonly data: { readonly finishReason: FinishReason; readonly usage?: Usage; readonly cost?: number };
    }
  /** The end as well; `code` is that of the error's class. */
  | { readonly event: "error"; readonly data: { readonly code: string; readonly message: string } };

/**
 * What is told of a stream, up to its one `done` or `error`.
 *
 * @param onError Told of the error itself.
 */
export async function* streamEvents(
  given: AnyStream,
  onError: (error: unknown) => void,
): AsyncGenerator<StreamEvent, void> {
  try {
    const stream: Source = await given;
    checkStream(stream, "toResponse()");
    if (OutputStream.isInstance(stream)) for await (const data of stream) yield { event: "object", data };
    else yield* callEvents(stream);
    const response = await stream.response();
    const { finishReason, cost } = response;
    const usage = usageOf(response);
    yield { event: "done", data: { finishReason, ...(usage && { usage }), ...(cost !== undefined && { cost }) } };
  } catch (error) {
    onError(error);
    const { code, message } = publicError(error);
    yield { event: "error", data: { code, message } };
  }
}

async function* callEvents(stream: CallStream<unknown>): AsyncGenerator<StreamEvent, void> {
  for await (const [{ content, reasoning, restarted }, tool] of stream) {
    if (restarted) yield { event: "restart", data: {} };
    if (content || reasoning) yield { event: "delta", data: { text: content, ...(reasoning && { reasoning }) } };
    if (tool) yield { event: "tool", data: toolData((tool as { toolCall: ToolCallPart }).toolCall) };
  }
}

function toolData({ id, name, arguments: text }: ToolCallPart): { id: string; name: string; arguments: unknown } {
  // A tool that came is valid, so its text can be read.
  const read = parseJsonText(text.trim() || "{}");
  return { id, name, arguments: "value" in read ? read.value : {} };
}

/** @throws ConfigurationError for what is no stream. */
export function checkStream(given: unknown, taker: string): void {
  const isPromise = typeof (given as PromiseLike<unknown> | undefined)?.then === "function";
  if (isPromise || CallStream.isInstance(given) || OutputStream.isInstance(given)) return;
  throw new ConfigurationError(
    `${taker} takes a stream. Give the call { stream: true }, or ask with model().stream().`,
  );
}

/** Closes the connection of a stream; that of a promise that knows no abort, as soon as it opens. */
export function abortStream(given: AnyStream, reason: unknown): void {
  if ("abort" in given) given.abort(reason);
  // It may resolve to something else than a stream, or fail.
  else
    Promise.resolve(given)
      .then((stream) => stream.abort(reason))
      .catch(() => {});
}
