import { own } from "../own.js";

/** A response that has just this status and these headers, whatever stands on the prototype of all objects. */
export function makeResponse(
  body: string | ReadableStream<Uint8Array> | null,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, own({ status, headers: own(headers) }));
}

/** The same with a body of JSON. */
export function jsonResponse(data: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(data, own({ status, headers: own(headers) }));
}
