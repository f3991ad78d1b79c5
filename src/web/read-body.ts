import { parseJson } from "../json.js";
import { own } from "../own.js";
import { after } from "../wait.js";
import { RequestError } from "./public-error.js";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * The JSON of a request's body, whatever type it claims. Reading stops at the limit.
 *
 * @throws RequestError with 400 for what is no JSON in UTF-8, 408, or 413.
 */
export async function readJsonBody(request: Request, limits: BodyLimits): Promise<unknown> {
  if (Number(request.headers.get("content-length")) > limits.maxBytes) throw tooLarge(limits);
  const bytes = await readBytes(request, limits);
  try {
    return parseJson(new TextDecoder("utf-8", own({ fatal: true })).decode(bytes));
  } catch {
    throw new RequestError(400, "invalid_json", "The body is not JSON in UTF-8.");
  }
}

/** @throws RequestError with 415: pages of other sites can send text and forms without being asked, but no JSON. */
export function checkJsonType({ headers }: Request): void {
  if (!/^\s*application\/json\s*(;|$)/i.test(headers.get("content-type") ?? ""))
    throw new RequestError(415, "unsupported_media_type", "Send content-type: application/json.");
}

async function readBytes(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const leave = () => void reader.cancel().catch(() => {});
  let late = false;
  const cancel = after(limits.timeoutMs, () => {
    late = true;
    leave();
  });
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { value, done } = await reader.read().catch((cause) => {
        // The listener knows better why there is nothing to read.
        throw cause instanceof RequestError ? cause : new RequestError(400, "invalid_json", "The body broke off.");
      });
      if (late) throw new RequestError(408, "request_timeout", "The body took too long to arrive.");
      if (done) return joined(pieces, size);
      size += value.byteLength;
      if (size > limits.maxBytes) {
        leave();
        throw tooLarge(limits);
      }
      pieces.push(value);
    }
  } finally {
    cancel();
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

function tooLarge({ maxBytes }: BodyLimits): RequestError {
  return new RequestError(413, "request_too_large", `The body is larger than ${maxBytes} bytes.`);
}
