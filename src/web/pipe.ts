import { type NodeResponse, sendResponse } from "./node-response.js";
import type { AnyStream } from "./stream-events.js";
import { type StreamResponseOptions, toResponse } from "./to-response.js";

/**
 * Sends a stream through a response of `node:http`, Express or Fastify's `reply.raw`, as `toResponse` would. Resolves when
 * it is sent, and also where it failed (the client then got an `error` event) or the client left (which aborts the stream).
 *
 * @throws ConfigurationError for what is no stream.
 */
export async function pipe(
  stream: AnyStream,
  response: NodeResponse,
  options: StreamResponseOptions = {},
): Promise<void> {
  await sendResponse(toResponse(stream, options), response);
}
