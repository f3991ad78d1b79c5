// Calls that must compile: the three doors, what they make, and where the decorators may stand.
import {
  anthropic,
  type CallChunk,
  type CallResponse,
  type CallStream,
  call,
  type FunctionToolCall,
  image,
  type Message,
  type Model,
  openai,
  prompt,
  promptTemplate,
  retry,
  system,
  toolsOf,
  type Usage,
  user,
} from "callwright";
import { exactly } from "./exactly.js";
import { FormatBook, getWeather, Kit } from "./tools.accept.js";

class Librarian {
  history: Message[] = [];

  @openai.call("gpt-4o-mini")
  @promptTemplate()
  async recommendBook(genre: string): Promise<CallResponse> {
    return prompt`Recommend a ${genre} book`;
  }

  @call("openai/gpt-4o-mini", { stream: true })
  async stream(genre: string): Promise<CallStream> {
    return prompt`Recommend a ${genre} book`;
  }

  @call("openai/gpt-4o-mini", { tools: [FormatBook, getWeather], use: [retry({ retries: 3 })] })
  async withTools(genre: string): Promise<CallResponse<FormatBook | WeatherCall>> {
    return prompt`Recommend a ${genre} book`;
  }

  @call("openai/gpt-4o-mini", { tools: [FormatBook] })
  async withAnyTools(genre: string): Promise<CallResponse<any>> {
    return prompt`Recommend a ${genre} book`;
  }

  @call("openai/gpt-4o-mini", { outputParser: (response) => response.content.split("\n") })
  async lines(topic: string): Promise<string[]> {
    return prompt`Five lines on ${topic}`;
  }

  @call("openai/gpt-4o-mini")
  chat(question: string): Promise<CallResponse> {
    return prompt([system("Be brief."), ...this.history, user([question, image("https://x.test/a.png")])]);
  }

  @call("openai/gpt-4o-mini", { temperature: 0 })
  async dynamic(genre: string): Promise<CallResponse> {
    return prompt({ messages: `A ${genre} book`, params: { temperature: 1 }, tools: toolsOf(new Kit(["a"])) });
  }

  @call("openai/gpt-4o-mini")
  static async fixed(genre: string): Promise<CallResponse> {
    return prompt`Recommend a ${genre} book`;
  }
}

class Sub extends Librarian {
  override async recommendBook(genre: string): Promise<CallResponse> {
    return super.recommendBook(genre.trim());
  }
}

type WeatherCall = FunctionToolCall<{ city: string }, Promise<{ city: string; celsius: number }>>;

const recommend = openai.call("gpt-4o-mini")(async (genre: string) => `Recommend a ${genre} book`);
const fromTemplate = call("anthropic/claude-haiku-4-5", { tools: [FormatBook] })(
  promptTemplate("Recommend a {genre} book")((_: { genre: string }) => {}),
);
const streamed = call("openai/gpt-4o-mini", { stream: true, tools: [FormatBook] })(
  (genre: string) => `Recommend a ${genre} book`,
);
const parsed = call("openai/gpt-4o-mini", { outputParser: async (response) => response.content.length })(
  (genre: string) => `Recommend a ${genre} book`,
);

/** A decorator takes any model, not only a reference to one. */
export const onModel = (model: Model) => call(model)((question: string) => question);

export async function main(): Promise<void> {
  const library = new Librarian();

  const response = await library.recommendBook("fantasy");
  exactly<typeof response.content, string>();
  exactly<typeof response.usage, Usage | undefined>();
  exactly<typeof response.cost, number | undefined>();

  for await (const [chunk] of await library.stream("fantasy")) exactly<typeof chunk, CallChunk>();

  const { tool: used } = await library.withTools("fantasy");
  exactly<typeof used, FormatBook | WeatherCall | undefined>();
  if (used instanceof FormatBook) {
    exactly<typeof used.title, string>();
    exactly<typeof used.pages, number | undefined>();
    (await used.call()) satisfies string;
  } else if (used) {
    exactly<typeof used.args.city, string>();
    (await used.call()).celsius satisfies number;
  }

  exactly<Awaited<ReturnType<typeof recommend>>, CallResponse>();
  exactly<Parameters<typeof recommend>, [genre: string]>();
  exactly<Awaited<ReturnType<typeof fromTemplate>>, CallResponse<FormatBook>>();
  exactly<Awaited<ReturnType<typeof streamed>>, CallStream<FormatBook>>();
  exactly<Awaited<ReturnType<typeof parsed>>, number>();
  (await fromTemplate({ genre: "fantasy" })).tool?.title satisfies string | undefined;
  for await (const [chunk, tool] of await streamed("fantasy")) {
    exactly<typeof chunk.content, string>();
    exactly<typeof tool, FormatBook | undefined>();
  }

  const weather = await anthropic.call("claude-haiku-4-5", { tools: [getWeather] })((question: string) => question)(
    "w",
  );
  exactly<(typeof weather.tools)[number], WeatherCall>();

  (await Sub.fixed("x")).content satisfies string;
  (await new Sub().lines("x"))[0]?.length;
}
