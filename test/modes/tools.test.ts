import { BaseTool, type CallResponse, call, prompt, tool, toolsOf } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";

class Kit {
  shelf: string[];

  constructor(shelf: string[]) {
    this.shelf = shelf;
  }

  @tool({ description: "Searches the shelf", input: z.object({ words: z.string() }) })
  search({ words }: { words: string }): string[] {
    return this.shelf.filter((title) => title.includes(words));
  }

  @tool("Counts the shelf")
  async count(): Promise<number> {
    return this.shelf.length;
  }

  @tool("Opens the house")
  static open(): string {
    return `${this.name} is open`;
  }

  noTool(): void {}
}

class Archive extends Kit {
  override search({ words }: { words: string }): string[] {
    return super.search({ words }).map((title) => `${title}!`);
  }

  @tool("Counts twice")
  override async count(): Promise<number> {
    return 2 * (await super.count());
  }
}

test("toolsOf gives the marked methods of an object, bound to it", async () => {
  const kit = new Kit(["Dune", "Momo"]);
  const tools = toolsOf(kit);
  expect(tools.map(({ toolName }) => toolName)).toEqual(["search", "count"]);
  expect(await Promise.all(tools.map((each) => each({ words: "M" })))).toEqual([["Momo"], 2]);
  expect(kit.search({ words: "Du" })).toEqual(["Dune"]);
});

test("toolsOf a class gives its static methods", () => {
  const [open] = toolsOf(Kit);
  expect([open?.toolName, open?.({})]).toEqual(["open", "Kit is open"]);
});

test("an override is a tool where it is marked itself", async () => {
  const tools = toolsOf(new Archive(["Dune"]));
  expect(tools.map(({ toolName }) => toolName)).toEqual(["count"]);
  expect(await tools[0]?.({})).toBe(2);
});

test("methods answer a model that asks for them", async () => {
  const model = script([{ toolCalls: [{ name: "search", args: { words: "M" } }] }]);
  const response = await call(model, { tools: toolsOf(new Kit(["Dune", "Momo"])) })(() => "Hi")();
  expect(await response.tool?.call()).toEqual(["Momo"]);
});

test("a class with @tool goes by its name and description, and is still the class", async () => {
  @tool({ name: "format_book", description: "Formats a book" })
  class FormatBook extends BaseTool.of({ title: z.string() }) {
    static made = 0;
    override call(): string {
      return this.title;
    }
  }
  FormatBook.made++;
  expect([FormatBook.name, FormatBook.made]).toEqual(["FormatBook", 1]);
  const model = script([{ toolCalls: [{ name: "format_book", args: { title: "Dune" } }] }]);
  const { tool: made } = await call(model, { tools: [FormatBook] })(() => "Hi")();
  expect(made).toBeInstanceOf(FormatBook);
  expect(made?.call()).toBe("Dune");
});

test.each(["above", "below"] as const)("@tool %s @call makes a tool that is a call", async (order) => {
  const model = script(["Dune"]);
  class Librarian {
    @tool("Recommends")
    @call(model)
    async above(): Promise<CallResponse> {
      return prompt`Recommend`;
    }

    @call(model)
    @tool("Recommends")
    async below(): Promise<CallResponse> {
      return prompt`Recommend`;
    }
  }
  const made = toolsOf(new Librarian()).find(({ toolName }) => toolName === order);
  expect(`${await made?.({})}`).toBe("Dune");
});
