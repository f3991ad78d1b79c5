import { createParser } from "eventsource-parser";

/** A server-sent event, as a page gets it. */
export interface Received {
  readonly event: string | undefined;
  readonly data: any;
}

/** Reads the events of a response one by one. */
export async function* eventsOf(response: Response): AsyncGenerator<Received, void> {
  const ready: Received[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => ready.push({ event, data: data === "[DONE]" ? data : JSON.parse(data) }),
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
}

export async function allEvents(response: Response): Promise<Received[]> {
  const events: Received[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}
