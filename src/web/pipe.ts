import { checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { defaultDrainMs } from "./event-body.js";
import { type NodeResponse, sendResponse } from "./node-response.js";
import type { AnyStream } from "./stream-events.js";
import { type StreamResponseOptions, toResponse } from "./to-response.js";

/**
 * Sends a stream through a response of `node:http`, Express or Fastify's `reply.raw`, as `toResponse` would. Resolves when
 * it is sent, and also where it failed (the client then got an `error` event) or the client left (which aborts the stream).
 *
 * @throws ConfigurationError for what is no stream, and if `drainTimeoutMs` is out of range.
 */
export async function pipe(
  stream: AnyStream,
  response: NodeResponse,
  options: StreamResponseOptions = {},
): Promise<void> {
  const { drainTimeoutMs = defaultDrainMs } = own(options);
  checkMilliseconds({ drainTimeoutMs });
  // The connection itself tells whether its client reads on.
  const sent = toResponse(stream, own({ ...options, drainTimeoutMs: Number.POSITIVE_INFINITY }));
  await sendResponse(sent, response, drainTimeoutMs);
}
