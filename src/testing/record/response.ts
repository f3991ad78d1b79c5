import type { RecordedExchange } from "./cassette-file.js";

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

/** A recorded response, whose chunks come one by one as they are read. */
export function replayed({ status, headers, json, chunks = [] }: RecordedExchange["response"]): Response {
  if ([101, 204, 205, 304].includes(status)) return new Response(null, { status, headers });
  if (json !== undefined) return new Response(JSON.stringify(json), { status, headers });
  const left = [...chunks];
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(encoder.encode(next));
    },
  });
  return new Response(body, { status, headers });
}
