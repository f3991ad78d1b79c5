// Models and what stands around calls, which must compile: model(), override, middleware, sessions, parallel, the gateway.
import {
  anthropic,
  type CallResponse,
  type CallStream,
  type ChatCompletion,
  type ChatCompletionChunk,
  call,
  completion,
  type FunctionToolCall,
  fallback,
  type LanguageModel,
  type Message,
  type Middleware,
  type Model,
  model,
  openai,
  override,
  parallel,
  prompt,
  retry,
  Session,
  timeout,
  toolsOf,
  user,
} from "callwright";
import { exactly } from "./exactly.js";
import { FormatBook, getWeather, Kit } from "./tools.accept.js";

type WeatherCall = FunctionToolCall<{ city: string }, Promise<{ city: string; celsius: number }>>;

export class Librarian {
  @call("openai/gpt-4o-mini", {
    tools: [FormatBook, getWeather],
    use: [retry({ retries: 3 }), fallback("anthropic/claude-haiku-4-5"), timeout({ totalMs: 30_000 })],
  })
  async withTools(genre: string): Promise<CallResponse<FormatBook | WeatherCall>> {
    return prompt`Recommend a ${genre} book`;
  }
}

const recommend = openai.call("gpt-4o-mini")(async (genre: string) => `Recommend a ${genre} book`);

/** Middleware of one's own is a function from a model to a model. */
export const counting: Middleware = (inner) => ({
  id: inner.id,
  async *run(request) {
    for await (const event of inner.run(request)) {
      if (event.type === "text-delta") exactly<typeof event.text, string>();
      yield event;
    }
  },
});

export async function main(): Promise<void> {
  await using haiku = model("anthropic/claude-haiku-4-5", { temperature: 0.2, use: [counting] });
  exactly<typeof haiku, LanguageModel>();
  haiku satisfies Model;
  for await (const [chunk, tool] of haiku.stream("Write a story")) {
    exactly<typeof chunk.content, string>();
    exactly<typeof tool, undefined>();
  }
  exactly<Awaited<ReturnType<typeof haiku.stream>>, CallStream>();
  exactly<Awaited<ReturnType<typeof haiku.complete>>, CallResponse>();
  (await haiku.chat([user("Hi")], { temperature: 0 })).message.role;
  exactly<ReturnType<typeof haiku.with>, LanguageModel>();
  openai.model("gpt-4o-mini", { api: "responses" }) satisfies LanguageModel;
  call(haiku, { use: [fallback(haiku, "openai/gpt-4o-mini")] });

  const session = new Session({
    model: haiku,
    system: "Be brief.",
    tools: [getWeather, ...toolsOf(new Kit([]))],
    maxSteps: 3,
  });
  exactly<Awaited<ReturnType<typeof session.send>>, CallResponse>();
  (await session.send("Weather in Paris?")).content satisfies string;
  for await (const [chunk] of session.stream([user("And in Rome?")])) chunk.content satisfies string;
  session.fork({ temperature: 0 }).rewind() satisfies readonly Message[];
  (session.cost ?? 0) + session.usage.totalTokens;
  new Session({ model: "openai/gpt-4o-mini", temperature: 0, timeouts: { totalMs: 1000 } }) satisfies Session;
  Session.fromJSON(session.toJSON(), { model: "openai/gpt-4o-mini" }) satisfies Session;

  const answer = await completion({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] });
  exactly<typeof answer, ChatCompletion>();
  answer.choices[0]?.message.content satisfies string | null | undefined;
  const chunks = await completion({ model: "openai/gpt-4o-mini", messages: [], stream: true, logprobs: true });
  exactly<typeof chunks, AsyncIterable<ChatCompletionChunk>>();
  for await (const chunk of chunks) chunk.choices[0]?.delta.content satisfies string | null | undefined;

  const responses = await parallel(["a", "b"], (genre) => recommend(genre), { concurrency: 2 });
  exactly<typeof responses, CallResponse[]>();
  const [outcome] = await parallel(["a"], (genre) => recommend(genre), { settle: true });
  if (outcome?.ok) exactly<typeof outcome.value, CallResponse>();
  else if (outcome) exactly<typeof outcome.error, unknown>();

  const overridden = await override({ model: "anthropic/claude-haiku-4-5", apiKey: "…" }, () => recommend("x"));
  exactly<typeof overridden, CallResponse>();
  exactly<ReturnType<typeof plain>, number>();

  const loop = anthropic.call("claude-haiku-4-5", { maxSteps: 5, tools: [getWeather] })((question: string) => question);
  const response = await loop("w");
  exactly<(typeof response.steps)[number], CallResponse<WeatherCall>>();
  response.tools[0]?.args.city satisfies string | undefined;
  exactly<Awaited<ReturnType<typeof response.resume>>, CallResponse<WeatherCall>>();
}

const plain = () => override({ temperature: 0 }, () => 7);
