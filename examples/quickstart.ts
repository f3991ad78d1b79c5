// A tour of callwright in six parts.
//   npm start             on a local server that plays back answers: no key, no network, no cost
//   npm start -- --live   with a real model: OpenAI, Anthropic or a local Ollama, whichever is there
import {
  BasePrompt,
  BaseTool,
  type CallResponse,
  type CallStream,
  call,
  ProviderError,
  prompt,
  promptTemplate,
  tool,
} from "callwright";
import { z } from "zod";
import { chooseModels } from "./quickstart/models.js";

// References such as "openai/gpt-4o-mini"; write yours in their place.
const { model, secondModel, missingModel, stop } = await chooseModels();

console.log("\n1. A typed call");

class Librarian {
  @call(model)
  async recommend(genre: string): Promise<CallResponse> {
    return prompt`Recommend one ${genre} book. Answer with title and author only.`;
  }

  @call(secondModel, { stream: true })
  async describe(book: string): Promise<CallStream> {
    return prompt`
      SYSTEM: You are a librarian who loves short answers.
      USER: Describe ${book} in two sentences.
    `;
  }
}

const librarian = new Librarian();
const response = await librarian.recommend("fantasy");
console.log(response.content);
console.log(`${response.model}, ${response.usage?.totalTokens} tokens, ${response.cost?.toFixed(6) ?? "unknown"} USD`);

console.log("\n2. A stream, printed as it comes");

const stream = await librarian.describe(response.content);
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.usage?.outputTokens} tokens of output`);

console.log("\n3. A tool that is called");

@tool("Finds a book on the shelves of the library.")
class FindBook extends BaseTool.of({ title: z.string(), author: z.string().describe("full name") }) {
  override async call(): Promise<string> {
    return `shelf ${this.author.split(" ").at(-1)?.[0]}`;
  }
}

const ask = call(model, { tools: [FindBook], toolChoice: "required" })(
  (question: string) => prompt`Answer with your tool: ${question}`,
);

const { tool: findBook, content } = await ask("Where is Momo, by Michael Ende?");
if (findBook) console.log(`${findBook.title}, by ${findBook.author}: ${await findBook.call()}`);
else console.log(content);

console.log("\n4. A prompt as a class");

@promptTemplate("Is this review positive, negative or neutral? One word.\n\n{review}")
class Sentiment extends BasePrompt.of({ review: z.string().min(1) }) {}

const sentiment = new Sentiment({ review: "I could not put it down." });
console.log((await sentiment.run(call(secondModel))).content);

console.log("\n5. Four calls in parallel");

const started = performance.now();
const answers = await Promise.all(["crime", "poetry", "history", "travel"].map((genre) => librarian.recommend(genre)));
for (const { content } of answers) console.log(`- ${content}`);
console.log(`${answers.length} answers in ${((performance.now() - started) / 1000).toFixed(1)} s`);

console.log("\n6. An error, caught");

try {
  await call(missingModel)(() => prompt`Is anybody there?`)();
} catch (error) {
  if (!(error instanceof ProviderError)) throw error;
  const { name, code, status, retryable } = error;
  console.log(`${name}: code ${code}, status ${status}, ${retryable ? "worth" : "not worth"} another try`);
  console.log(error.message);
}

await stop();
