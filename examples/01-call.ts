// An async method or function becomes a call of a model, with a typed result.
import { anthropic, type CallResponse, call, openai, prompt } from "callwright";
import { wireServer } from "callwright/testing";

// It stands in for the providers. Without its options, the calls below go to OpenAI and Anthropic.
await using server = await wireServer();
server.reply({ text: "Momo, by Michael Ende" });

// A method declares what the call makes, and the compiler checks that.
class Librarian {
  mood = "quiet";

  @call("openai/gpt-4o-mini", { ...server.openai, temperature: 0.7 })
  async recommend(genre: string): Promise<CallResponse> {
    return prompt`Recommend a ${genre} book for a ${this.mood} evening`;
  }
}

const response = await new Librarian().recommend("fantasy");
console.log(response.content);
console.log(response.provider, response.model, response.finishReason, response.usage?.totalTokens);

// A function declares nothing: the result is inferred. `anthropic.call("…")` is `call("anthropic/…")`.
const lend = anthropic.call("claude-haiku-4-5", server.anthropic)((title: string) => `May I borrow ${title}?`);
console.log((await lend("Momo")).provider);

// A parser makes something else of the response.
const titles = openai.call("gpt-4o-mini", { ...server.openai, outputParser: ({ content }) => content.split(", by ") });
console.log(await titles(() => prompt`One book, please`)());

// Settings that hold for one call come with its prompt.
const ask = call(
  "openai/gpt-4o-mini",
  server.openai,
)((question: string, temperature: number) => prompt({ messages: question, params: { temperature } }));
await ask("What is new?", 0);
console.log(server.requests.map(({ body }) => body.temperature));
