import { checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { defaultDrainMs, eventBody, eventHeaders, formatEvent } from "./event-body.js";
import { quietly } from "./quietly.js";
import { type AnyStream, abortStream, checkStream, streamEvents } from "./stream-events.js";

export interface StreamResponseOptions extends ResponseInit {
  /**
   * Told of the error that ends the stream; the page learns only its code and what a stranger may know. What it throws
   * itself is dropped.
   *
   * @default none
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * How long the page may take to read on before the stream is aborted, in milliseconds.
   *
   * @default 60_000
   */
  readonly drainTimeoutMs?: number | undefined;
}

/**
 * A stream as server-sent events: `delta`, `tool`, `object`, `restart`, and at the end one `done` or `error`, each with
 * JSON. Events are read as the reader takes them; a reader that leaves aborts the stream.
 *
 * Awaited before, a stream that the provider refuses throws, and can be answered with a status of its own; otherwise the
 * status is 200 and the refusal an `error` event.
 *
 * @throws ConfigurationError for what is no stream, and if `drainTimeoutMs` is out of range.
 */
export function toResponse(stream: AnyStream, options: StreamResponseOptions = {}): Response {
  checkStream(stream, "toResponse()");
  const { onError, drainTimeoutMs = defaultDrainMs, ...rest } = own(options);
  const init = own(rest);
  checkMilliseconds({ drainTimeoutMs });
  const headers = new Headers(eventHeaders);
  for (const [name, value] of new Headers(init.headers)) if (name !== "content-type") headers.set(name, value);
  let left = false;
  const leave = (reason: unknown) => {
    left = true;
    abortStream(stream, reason);
  };
  // That a reader left is no failure.
  const report = (error: unknown) => {
    if (!left) quietly(() => onError?.(error));
  };
  const body = eventBody(eventTexts(stream, report), leave, drainTimeoutMs);
  return new Response(body, own({ ...rest, headers }));
}

async function* eventTexts(stream: AnyStream, onError: (error: unknown) => void): AsyncGenerator<string, void> {
  for await (const { event, data } of streamEvents(stream, onError)) yield formatEvent(data, event);
}
