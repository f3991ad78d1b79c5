import "reflect-metadata";
import {
  BaseTool,
  type CallResponse,
  ConfigurationError,
  call,
  type FunctionTool,
  field,
  prompt,
  ToolArgumentsError,
  type ToolContext,
  tool,
  toolsOf,
} from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

const legacy = process.env.DECORATOR_MODE === "legacy";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Query = z.object({ query: z.string() });

class Kit {
  reads = 0;

  constructor(readonly shelf: readonly string[]) {}

  @tool({ description: "Search the shelf", input: Query })
  search({ query }: { query: string }): string[] {
    return this.shelf.filter((title) => title.includes(query));
  }

  @tool({ name: "count_books", description: "Count the books" })
  async count(_: Record<string, never>, { callId }: ToolContext): Promise<string> {
    return `${this.shelf.length} for ${callId}`;
  }

  plain(): void {}

  get shown(): unknown {
    this.reads++;
    throw new Error("read");
  }
}

const namesOf = (tools: readonly FunctionTool[]) => tools.map(({ toolName }) => toolName);

describe("toolsOf", () => {
  test("gives the decorated methods of an object, bound to it, and reads no getter", async () => {
    const kit = new Kit(["Momo", "Dune"]);
    const tools = toolsOf(kit);
    expect(namesOf(tools)).toEqual(["search", "count_books"]);
    expect(kit.reads).toBe(0);
    expect(tools[0]?.({ query: "u" })).toEqual(["Dune"]);
    const [other] = toolsOf(new Kit(["Ulysses"]));
    expect(other?.({ query: "U" })).toEqual(["Ulysses"]);
    expect(tools[0]?.({ query: "U" })).toEqual([]);
  });

  test("finds inherited methods, takes overriding ones in their place, and leaves out what overrides without @tool", () => {
    class Own extends Kit {
      @tool({ name: "search_twice", description: "Search twice", input: Query })
      override search({ query }: { query: string }): string[] {
        return [...super.search({ query }), ...super.search({ query })];
      }

      override async count(): Promise<string> {
        return "secret";
      }

      @tool("Close the shop")
      close(): string {
        return "closed";
      }
    }
    const tools = toolsOf(new Own(["Momo"]));
    expect(namesOf(tools)).toEqual(["search_twice", "close"]);
    expect(tools[0]?.({ query: "M" })).toEqual(["Momo", "Momo"]);
  });

  test("of a class gives its static methods, of an instance none of these", () => {
    class Shop {
      open = true;
      static city = "Paris";
      @tool("Where the shop is")
      static address(): string {
        return Shop.city;
      }
    }
    expect(namesOf(toolsOf(Shop))).toEqual(["address"]);
    expect(toolsOf(Shop)[0]?.({})).toBe("Paris");
    expect(toolsOf(new Shop())).toEqual([]);
  });

  test("finds methods that are named by a symbol", () => {
    const hidden = Symbol("hidden");
    class Shop {
      @tool({ name: "open", description: "Open the shop" })
      [Symbol.iterator](): string {
        return "open";
      }
      @tool("Hidden")
      [hidden](): void {}
    }
    expect(namesOf(toolsOf(new Shop()))).toEqual(["open", "hidden"]);
  });

  test("of an object without tools is empty", () => {
    expect(toolsOf({ a: 1 })).toEqual([]);
    expect(toolsOf([])).toEqual([]);
  });
});

test("a decorated method stays a method", () => {
  expect(new Kit(["Momo"]).search({ query: "M" })).toEqual(["Momo"]);
  expect(Kit.prototype.search.name).toBe("search");
  expect(Kit.prototype.count.length).toBe(2);
});

test("a method that would lose its object is refused as a tool", () => {
  expect(() => call("openai/gpt-4o-mini", { tools: [Kit.prototype.search as never] })).toThrow(/toolsOf\(object\)/);
});

test("a getter, a field and a class that is no tool cannot be decorated", () => {
  const decorate = tool("Wrong") as any;
  expect(() => {
    class Wrong {
      @decorate
      get value() {
        return 1;
      }
    }
    return Wrong;
  }).toThrow(/@tool cannot decorate an accessor \(value\)/);
  expect(() => {
    class Wrong {
      @decorate
      value = 1;
    }
    return Wrong;
  }).toThrow(/@tool cannot decorate a field \(value\)/);
  expect(() => {
    @decorate
    class Wrong {}
    return Wrong;
  }).toThrow(ConfigurationError);
});

@tool({ name: "format_book", description: "Format a book" })
class FormatBook extends BaseTool {
  @field(z.string().describe("The title")) title!: string;
  @field(z.number().optional()) pages?: number;
  @field(z.string().optional()) mood = "cheerful";

  override call(): string {
    return `${this.title}, ${this.pages ?? "?"} pages, ${this.mood}`;
  }
}

@tool("Format a novel")
class FormatNovel extends FormatBook {
  @field(z.string()) author!: string;
  @field(z.string().min(3)) override title = "";
}

@tool("Ships a book")
class Ship extends BaseTool.of({ title: z.string(), express: z.boolean().default(false) }) {
  override call(): string {
    return `${this.title}${this.express ? "!" : ""}`;
  }
}

describe("tools with decorated fields", () => {
  test("made by from, or by the library, have their fields", () => {
    const book = FormatBook.from({ title: "Momo", mood: "grave" });
    expect(book).toBeInstanceOf(FormatBook);
    expect(book.call()).toBe("Momo, ? pages, grave");
    expect(book.args).toEqual({ title: "Momo", mood: "grave" });
    expect(book.toolCall).toMatchObject({ name: "format_book", arguments: '{"title":"Momo","mood":"grave"}' });
  });

  test("made by new have them too, but for legacy decorators with class fields as the language defines them", () => {
    const book = new FormatBook({ title: "Momo", pages: 304 });
    expect(book.args).toEqual({ title: "Momo", pages: 304 });
    expect(book.call()).toBe(legacy ? "undefined, ? pages, cheerful" : "Momo, 304 pages, cheerful");
  });

  test("keep what their class sets where an argument is left out", () => {
    expect(FormatBook.from({ title: "Momo" }).call()).toBe("Momo, ? pages, cheerful");
  });

  test("refuse arguments that do not fit, in new and in from", () => {
    expect(() => new FormatBook({ title: 1 })).toThrow(ToolArgumentsError);
    expect(() => FormatBook.from({ pages: 1 })).toThrow(/The arguments of FormatBook do not fit its fields:\ntitle: /);
  });

  test("have the fields of their parents first, with the last word on each", () => {
    const novel = FormatNovel.from({ title: "Momo", author: "Ende" });
    expect(novel.author).toBe("Ende");
    expect(novel.call()).toBe("Momo, ? pages, cheerful");
    expect(() => FormatNovel.from({ title: "It", author: "King" })).toThrow(ToolArgumentsError);
    expect(FormatBook.from({ title: "It" }).title).toBe("It");
  });

  test("as JSON are their fields", () => {
    expect(JSON.parse(JSON.stringify(FormatBook.from({ title: "Momo" })))).toEqual({
      title: "Momo",
      mood: "cheerful",
    });
    expect(JSON.stringify(Ship.from({ title: "Momo" }))).toBe('{"title":"Momo","express":false}');
  });

  test("may be added to those of a shape", () => {
    class Both extends BaseTool.of({ title: z.string() }) {
      @field(z.number()) pages!: number;
      override call(): string {
        return `${this.title} ${this.pages}`;
      }
    }
    const both = Both.from({ title: "Momo", pages: 304 });
    expect(both.call()).toBe("Momo 304");
  });

  test("may have a bare description where the compiler emits types, and say what to write where it does not", () => {
    const define = () => {
      class Bare extends BaseTool {
        @field("The title") title!: string;
        @field("How many") pages!: number;
        @field("Whether it is lent") lent!: boolean;
        override call() {}
      }
      return Bare;
    };
    if (!legacy) {
      expect(define).toThrow(ConfigurationError);
      expect(define).toThrow(/@field\(z\.string\(\)\.describe\("The title"\)\)/);
      return;
    }
    const Bare = define();
    expect(Bare.from({ title: "Momo", pages: 304, lent: false }).args).toEqual({
      title: "Momo",
      pages: 304,
      lent: false,
    });
    expect(() => Bare.from({ title: "Momo", pages: "304", lent: false })).toThrow(/pages: Expected a number/);
  });

  test("cannot have a bare description where the emitted type is not a primitive", () => {
    const define = () => {
      class Bare extends BaseTool {
        @field("The tags") tags!: string[];
        override call() {}
      }
      return Bare;
    };
    expect(define).toThrow(/The type of the field tags is not known at run time/);
  });
});

describe.each(["openai", "anthropic"] as const)("decorated tools on the wire of %s", (provider) => {
  const ref = provider === "openai" ? "openai/gpt-4o-mini" : "anthropic/claude-haiku-4-5";

  test("are offered with what the decorators say, and answered by instances and bound methods", async () => {
    class Librarian {
      kit = new Kit(["Momo", "Dune"]);

      @call(ref, server[provider])
      async ask(question: string): Promise<CallResponse<any>> {
        return prompt({ messages: question, tools: [FormatBook, FormatNovel, Ship, ...toolsOf(this.kit)] });
      }
    }
    server.reply({
      toolCalls: [
        { name: "format_book", args: { title: "Momo", pages: 304 }, id: "a" },
        { name: "search", args: { query: "Mo" }, id: "b" },
        { name: "count_books", args: {}, id: "c" },
        { name: "FormatNovel", args: { title: "Momo", author: "Ende" }, id: "d" },
        { name: "Ship", args: { title: "Momo", express: true }, id: "e" },
      ],
    });
    const response = await new Librarian().ask("What is there?");

    const offers = server.requests[0]?.body.tools.map((each: any) => each.function ?? each);
    expect(offers.map(({ name, description }: any) => [name, description])).toEqual([
      ["format_book", "Format a book"],
      ["FormatNovel", "Format a novel"],
      ["Ship", "Ships a book"],
      ["search", "Search the shelf"],
      ["count_books", "Count the books"],
    ]);
    const [book, novel, , search] = offers.map((each: any) => each.parameters ?? each.input_schema);
    expect(book).toEqual({
      type: "object",
      properties: {
        title: { type: "string", description: "The title" },
        pages: { type: "number" },
        mood: { type: "string" },
      },
      required: ["title"],
      additionalProperties: false,
    });
    expect(Object.keys(novel.properties)).toEqual(["title", "pages", "mood", "author"]);
    expect(novel.properties.title).toEqual({ type: "string", minLength: 3 });
    expect(search).toMatchObject({ properties: { query: { type: "string" } }, required: ["query"] });

    expect(response.tools[0]).toBeInstanceOf(FormatBook);
    expect(response.tools[3]).toBeInstanceOf(FormatNovel);
    const results = (await response.runTools()).map(({ content }) => (content as any)[0]);
    expect(results.map(({ id, content }: any) => [id, content])).toEqual([
      ["a", "Momo, 304 pages, cheerful"],
      ["b", '["Momo"]'],
      ["c", "2 for c"],
      ["d", "Momo, ? pages, cheerful"],
      ["e", "Momo!"],
    ]);
  });
});
