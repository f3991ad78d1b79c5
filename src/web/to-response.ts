import { eventBody, eventHeaders, formatEvent } from "./event-body.js";
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
}

/**
 * A stream as server-sent events: `delta`, `tool`, `object`, `restart`, and at the end one `done` or `error`, each with
 * JSON. Events are read as the reader takes them; a reader that leaves aborts the stream.
 *
 * Awaited before, a stream that the provider refuses throws, and can be answered with a status of its own; otherwise the
 * status is 200 and the refusal an `error` event.
 *
 * @throws ConfigurationError for what is no stream.
 */
export function toResponse(stream: AnyStream, options: StreamResponseOptions = {}): Response {
  checkStream(stream, "toResponse()");
  const { onError, ...init } = options;
  const headers = new Headers({ ...eventHeaders });
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
  return new Response(eventBody(eventTexts(stream, report), leave), { ...init, headers });
}

async function* eventTexts(stream: AnyStream, onError: (error: unknown) => void): AsyncGenerator<string, void> {
  for await (const { event, data } of streamEvents(stream, onError)) yield formatEvent(data, event);
}
