import { replayedHeader } from "../../transport/attempt.js";
import type { RecordedExchange } from "./recorded.js";

/** Names of headers that hold no secrets, and that clients look at. */
const harmless =
  /^(content-type|(x-)?request-id|retry-after(-ms)?|x-should-retry|location|(x|anthropic)-ratelimit-[a-z-]+)$/;

export function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => harmless.test(name)));
}

/** The same response, and its body as text when it was read to its end; undefined where it was not. */
export function overheard(response: Response): {
  readonly response: Response;
  readonly text: Promise<string | undefined>;
} {
  const { status, body } = response;
  if (!body) return { response, text: Promise.resolve("") };
  const headers = new Headers(response.headers);
  // fetch has undone them.
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let settle = (_: string | undefined) => {};
  const whole = new Promise<string | undefined>((resolve) => {
    settle = resolve;
  });
  const copy = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) {
          settle(text + decoder.decode());
          return controller.close();
        }
        text += decoder.decode(value, { stream: true });
        controller.enqueue(value);
      } catch (error) {
        settle(undefined);
        controller.error(error);
      }
    },
    cancel(reason) {
      settle(undefined);
      return reader.cancel(reason);
    },
  });
  return { response: new Response(copy, { status, headers }), text: whole };
}

/** A stream in its events, any other text as one. */
export function eventsOf(text: string): string[] {
  return text.split(/(?<=\r\n\r\n|\n\n|\r\r)/).filter((event) => event !== "");
}

/** The value of a JSON text, or any other text as it is. */
export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * A recorded response, whose chunks come one by one as they are read. Nobody has to wait as long as it asks to.
 *
 * @param isOurs Whether the request came from a call, whose error shows the recorded pause; other clients read headers only.
 */
export function replayed(response: RecordedExchange["response"], isOurs: boolean): Response {
  const { status, json, chunks = [] } = response;
  const headers = new Headers(response.headers);
  if (isOurs) headers.set(replayedHeader, "true");
  else if (headers.has("retry-after") || headers.has("retry-after-ms")) headers.set("retry-after-ms", "1");
  if ([204, 205, 304].includes(status)) return new Response(null, { status, headers });
  if (json !== undefined) return new Response(JSON.stringify(json), { status, headers });
  const left = chunks.values();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = left.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { status, headers });
}
