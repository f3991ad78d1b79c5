import type { CallContext, Model, ModelEvent, ModelRequest } from "callwright";

export const items = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A request as a model gets it. */
export function asking(text = "Hi", more: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: "user", content: text }], stream: true, ...more };
}

/** Time that is left to a call, from now on. */
export function within(ms: number): { readonly context: CallContext } {
  return { context: { deadline: performance.now() + ms, timeouts: { totalMs: ms } } };
}

/** All events of a model, to the end. */
export async function read(model: Model, request: ModelRequest = asking()): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.run(request)) events.push(event);
  return events;
}

export const hello: readonly ModelEvent[] = [
  { type: "start", id: "own-1", model: "hello" },
  { type: "text-delta", text: "Hello" },
  { type: "finish", reason: "stop" },
];

/** A model that answers in the way of `answer`, and notes when each run began. */
export function answering(
  answer: (run: number, request: ModelRequest) => Iterable<ModelEvent> | AsyncIterable<ModelEvent> = () => hello,
  id = "own/hello",
): Model & { readonly starts: number[]; readonly requests: ModelRequest[] } {
  const starts: number[] = [];
  const requests: ModelRequest[] = [];
  return {
    id,
    starts,
    requests,
    async *run(request) {
      requests.push(request);
      yield* answer(starts.push(performance.now()), request);
    },
  };
}

/** A finish that used so many tokens. */
export function finish(inputTokens: number, outputTokens: number): ModelEvent {
  const none = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens, ...none };
  return { type: "finish", reason: "stop", usage };
}
