// A model may ask for a tool that is not there, or with arguments that do not fit. Such calls are never run.
import { BaseTool, call, ToolArgumentsError, ToolError, tool, UnknownToolError } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();

@tool("Finds a book")
class FindBook extends BaseTool.of({ title: z.string(), year: z.number() }) {
  override async call(): Promise<string> {
    throw new ToolError(`The shelf with ${this.title} is being painted.`);
  }
}

const ask = call("openai/gpt-4o-mini", { ...server.openai, tools: [FindBook] })((question: string) => question);
const good = { name: "FindBook", args: { title: "Momo", year: 1973 } };
const wrong = { name: "FindBook", args: { title: "Momo", year: "long ago" } };
const unknown = { name: "BurnBook", args: {} };

// One bad call leaves the others usable, and the model reads what became of each.
server.reply({ toolCalls: [good, wrong, unknown] });
const response = await ask("Where is Momo?");
console.log(response.tools.length, response.toolErrors.map(({ reason }) => reason).join(", "));
for (const part of (await response.runTools()).flatMap(({ content }) => [content].flat())) {
  if (typeof part === "object" && part.type === "tool-result") console.log(`${part.name}: ${part.content}`);
}

// Where no call is valid, reading `tool` throws.
for (const toolCall of [wrong, unknown]) {
  server.reply({ toolCalls: [toolCall] });
  try {
    console.log((await ask("Where is Momo?")).tool);
  } catch (error) {
    if (error instanceof ToolArgumentsError) console.log(error.issues.map(({ message }) => message).join());
    else if (error instanceof UnknownToolError) console.log(error.message);
    else throw error;
  }
}
