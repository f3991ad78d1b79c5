import { own } from "../own.js";
import { after } from "../wait.js";

/**
 * Headers of server-sent events that no proxy holds back. Compression would collect them until the end, and
 * `no-transform` tells it to stay away (https://www.npmjs.com/package/compression, "Server-Sent Events").
 */
export const eventHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** Proxies close connections on which nothing passes; a comment is nothing to the reader. */
const keepAliveMs = 15_000;
const comment = ": keep-alive\n\n";

/** One server-sent event. JSON holds no line break, so that whatever the data says stays in one line. */
export function formatEvent(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** How long a reader may leave an event behind it unread, and a client what was written to it, in milliseconds. */
export const defaultDrainMs = 60_000;

/**
 * A body that asks for the next event when the reader wants it.
 *
 * @param leave Called when the reader leaves before the end, or takes no further event for too long.
 */
export function eventBody(
  events: AsyncIterator<string, unknown>,
  leave: (reason: unknown) => void,
  drainTimeoutMs: number,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let left = false;
  let stopWaiting = () => {};
  const end = (reason: unknown) => {
    left = true;
    leave(reason);
    // Behind a step that still waits; nobody has to wait for it.
    void events.return?.().then(undefined, () => {});
  };
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      stopWaiting();
      let stop = () => {};
      const keepAlive = () => {
        stop = after(keepAliveMs, () => {
          if (left) return;
          // A reader that does not take what is there needs no more of it.
          if (controller.desiredSize === 0) controller.enqueue(encoder.encode(comment));
          keepAlive();
        });
      };
      keepAlive();
      try {
        const { value, done } = await events.next();
        if (left) return;
        if (done) controller.close();
        else {
          stopWaiting = after(drainTimeoutMs, () => {
            const reason = new Error(`The client has not read on for ${drainTimeoutMs} ms.`);
            end(reason);
            controller.error(reason);
          });
          controller.enqueue(encoder.encode(value));
        }
      } finally {
        stop();
      }
    },
    cancel(reason) {
      stopWaiting();
      end(reason);
    },
  };
  // Nothing is read ahead of the reader.
  return new ReadableStream(own(source), own({ highWaterMark: 0 }));
}
