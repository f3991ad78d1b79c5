// A prompt as a class: typed, validated fields, and a template over them. Any call can send it.
import { anthropic, BasePrompt, field, openai, type PromptValue, promptTemplate, system, user } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();
server.reply({ text: "Positive." });

@promptTemplate("Is this {kind} positive or negative? {shout}")
class Sentiment extends BasePrompt.of({ text: z.string().min(1), kind: z.string().default("review") }) {
  get shout(): string {
    return this.text.toUpperCase();
  }
}

const sentiment = new Sentiment({ text: "I love it" });
console.log(String(sentiment));
console.log((await sentiment.run(openai.call("gpt-4o-mini", server.openai))).content);

const stream = await sentiment.run(anthropic.call("claude-haiku-4-5", { ...server.anthropic, stream: true }));
for await (const [chunk] of stream) if (chunk.content) console.log(chunk.content);

// Where no template can say it, a method does; with neither, the fields themselves are the prompt.
class Greeting extends BasePrompt {
  @field(z.string()) name!: string;

  override prompt(): PromptValue {
    return [system("Be friendly."), user(`I am ${this.name}.`)];
  }
}
console.log(String(new Greeting({ name: "Momo" })));
console.log(String(new (BasePrompt.of({ title: z.string(), year: z.number() }))({ title: "Momo", year: 1973 })));
