import { parseJson } from "../json.js";
import { after } from "../wait.js";
import { RequestError } from "./public-error.js";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * The JSON of a request's body. Reading stops at the limit.
 *
 * @throws RequestError with 400 for what is no JSON, 408, 413, or 415: pages of other sites can send text and forms
 * without being asked, but no JSON.
 */
export async function readJsonBody(request: Request, limits: BodyLimits): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type.trim()))
    throw new RequestError(415, "unsupported_media_type", "Send JSON, with content-type: application/json.");
  if (Number(request.headers.get("content-length")) > limits.maxBytes) throw tooLarge(limits);
  const text = await readText(request, limits);
  try {
    return parseJson(text);
  } catch {
    throw new RequestError(400, "invalid_json", "The body is not JSON.");
  }
}

async function readText(request: Request, limits: BodyLimits): Promise<string> {
  const reader = request.body?.getReader();
  if (!reader) return "";
  const leave = () => void reader.cancel().catch(() => {});
  let late = false;
  const cancel = after(limits.timeoutMs, () => {
    late = true;
    leave();
  });
  try {
    const decoder = new TextDecoder();
    let text = "";
    let bytes = 0;
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        throw new RequestError(400, "invalid_json", "The body broke off.");
      });
      if (late) throw new RequestError(408, "request_timeout", "The body took too long to arrive.");
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > limits.maxBytes) {
        leave();
        throw tooLarge(limits);
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    cancel();
  }
}

function tooLarge({ maxBytes }: BodyLimits): RequestError {
  return new RequestError(413, "request_too_large", `The body is larger than ${maxBytes} bytes.`);
}
