// A tool as a class: its fields are the arguments, validated, and call() does the work.
import { BaseTool, type CallResponse, call, field, prompt, tool } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();

@tool("Formats a recommendation")
class FormatBook extends BaseTool.of({ title: z.string(), author: z.string().describe("full name") }) {
  override async call(): Promise<string> {
    return `${this.title.toUpperCase()} by ${this.author}`;
  }
}

class Librarian {
  @call("openai/gpt-4o-mini", { ...server.openai, tools: [FormatBook] })
  async recommend(genre: string): Promise<CallResponse<FormatBook>> {
    return prompt`Recommend a ${genre} book`;
  }
}

server.reply({ toolCalls: [{ name: "FormatBook", args: { title: "Momo", author: "Michael Ende" } }] });
console.log(await (await new Librarian().recommend("fantasy")).tool?.call());

// The same with decorated fields, a name of its own and a time limit; in a stream, a tool comes whole, once.
@tool({ name: "reserve_book", description: "Reserves a book", timeoutMs: 5000 })
class ReserveBook extends BaseTool {
  @field(z.string()) title!: string;
  @field(z.number().int().default(14)) days!: number;
  override call = () => `${this.title} is yours for ${this.days} days`;
}

const options = { ...server.anthropic, stream: true, tools: [ReserveBook] } as const;
const reserve = call("anthropic/claude-haiku-4-5", options)((title: string) => `Reserve ${title}`);

server.reply({ text: "One moment.", toolCalls: [{ name: "reserve_book", args: { title: "Momo" } }] });
for await (const [{ content }, used] of await reserve("Momo"))
  if (content || used) console.log(content || used?.call());
