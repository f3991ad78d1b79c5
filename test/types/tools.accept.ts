// Tools that must compile: classes by shape, classes by fields, methods, functions.
import { BaseTool, type FunctionTool, field, type NoArguments, type ToolContext, tool, toolsOf } from "callwright";
import { z } from "zod";
import { exactly } from "./exactly.js";

@tool("Format a book recommendation")
export class FormatBook extends BaseTool.of({
  title: z.string(),
  author: z.string().describe("full name"),
  pages: z.number().optional(),
}) {
  override async call(): Promise<string> {
    return `${this.title} by ${this.author}`;
  }
}

@tool({ name: "old_style", description: "A tool with fields", strict: true })
class OldStyle extends BaseTool {
  @field(z.string().describe("The title")) title!: string;
  @field(z.number()) pages!: number;
  override async call(): Promise<string> {
    return this.title;
  }
}

export const getWeather = tool({
  description: "Current weather",
  name: "get_weather",
  input: z.object({ city: z.string() }),
})(async ({ city }) => ({ city, celsius: 21 }));

export class Kit {
  constructor(private readonly shelf: string[]) {}

  @tool({ description: "Search the shelf", input: z.object({ query: z.string() }) })
  async search({ query }: { query: string }): Promise<string[]> {
    return this.shelf.filter((title) => title.includes(query));
  }
}

/** Tools have no such members, so they may have such fields. */
@tool("Rewrites a prompt")
export class Rewrite extends BaseTool.of({ prompt: z.string(), messages: z.array(z.string()), run: z.boolean() }) {
  override call(): string {
    return this.prompt;
  }
}

export class Clock {
  @tool("The time")
  now(): string {
    return new Date().toISOString();
  }

  @tool({ description: "The day" })
  async day(_args: NoArguments, { signal }: ToolContext): Promise<string> {
    return signal.aborted ? "" : "Monday";
  }
}

export const ping = tool({ name: "ping", description: "Says pong" })((_args, { callId }) => `pong ${callId}`);

export function main(): void {
  ping() satisfies string;
  ping({}) satisfies string;
  const book = new FormatBook({ title: "a", author: "b" });
  exactly<typeof book.title, string>();
  exactly<typeof book.pages, number | undefined>();
  exactly<Parameters<typeof getWeather>[0], { city: string }>();
  toolsOf(new Kit([])) satisfies FunctionTool[];
  new OldStyle({ title: "a", pages: 1 });
  OldStyle.from({ title: "a", pages: 1 }) satisfies OldStyle;
}
