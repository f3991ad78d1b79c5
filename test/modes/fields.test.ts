import { BasePrompt, BaseTool, call, field, promptTemplate, tool, user } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";

/** Legacy fields that are defined again after the base constructor ran take back what it gave them. */
const newLosesFields = process.env.DECORATOR_MODE === "legacy" && process.env.CLASS_FIELDS === "define";

@tool("Formats a book")
class FormatBook extends BaseTool {
  @field(z.string().describe("The title")) title!: string;
  @field(z.number().optional()) pages?: number;
  shelf = "A";

  override call(): string {
    return `${this.title} (${this.pages ?? "?"}) on ${this.shelf}`;
  }
}

class FormatNovel extends FormatBook {
  @field(z.string()) author!: string;

  override call(): string {
    return `${super.call()} by ${this.author}`;
  }
}

@promptTemplate("{tone}: {title}, {loud}")
class Review extends BasePrompt {
  @field(z.string()) title!: string;
  @field(z.string().optional()) tone?: string;

  get loud(): string {
    return this.title.toUpperCase();
  }
}

/** The tool that a model asks for by name. */
async function asked<T extends new (...args: any[]) => BaseTool>(tools: T, args: unknown): Promise<InstanceType<T>> {
  const model = script([{ toolCalls: [{ name: tools.name, args }] }]);
  const response = await call(model, { tools: [tools] })(() => "Hi")();
  return response.tool as InstanceType<T>;
}

describe("a tool in field style", () => {
  test("is offered with its fields", async () => {
    const model = script(["ok"]);
    await call(model, { tools: [FormatBook, FormatNovel] })(() => "Hi")();
    const [book, novel] = model.requests[0]?.tools ?? [];
    expect(book).toMatchObject({ name: "FormatBook", description: "Formats a book" });
    expect(book?.schema).toMatchObject({
      properties: { title: { type: "string", description: "The title" }, pages: { type: "number" } },
      required: ["title"],
    });
    expect(Object.keys(novel?.schema.properties ?? {})).toEqual(["title", "pages", "author"]);
    expect(novel?.schema.required).toEqual(["title", "author"]);
  });

  test("that the library makes has its fields, and its other fields too", async () => {
    const book = await asked(FormatBook, { title: "Dune", pages: 412 });
    expect(book).toBeInstanceOf(FormatBook);
    expect(book.call()).toBe("Dune (412) on A");
    expect((await asked(FormatBook, { title: "Momo" })).call()).toBe("Momo (?) on A");
  });

  test("that a class inherits has its parent's fields", async () => {
    const novel = await asked(FormatNovel, { title: "Dune", pages: 412, author: "Herbert" });
    expect(novel.call()).toBe("Dune (412) on A by Herbert");
  });

  test("made by from() has its fields under any compiler setting", () => {
    expect(FormatBook.from({ title: "Dune" }).call()).toBe("Dune (?) on A");
    expect(FormatNovel.from({ title: "Dune", pages: 412, author: "Herbert" }).call()).toBe(
      "Dune (412) on A by Herbert",
    );
  });

  test("made by new has its fields, but where legacy fields are defined again", () => {
    const book = new FormatBook({ title: "Dune", pages: 412 });
    expect(book.title).toBe(newLosesFields ? undefined : "Dune");
    expect(book.args).toEqual({ title: "Dune", pages: 412 });
  });

  test("refuses arguments that do not fit, made by new or from()", () => {
    const issues = [expect.objectContaining({ path: ["title"] })];
    expect(() => new FormatBook({ pages: 1 })).toThrow(expect.objectContaining({ name: "ToolArgumentsError", issues }));
    expect(() => FormatBook.from({ pages: 1 })).toThrow(
      expect.objectContaining({ name: "ToolArgumentsError", issues }),
    );
  });

  test("shares nothing between its instances", async () => {
    const [one, two] = [FormatBook.from({ title: "one" }), await asked(FormatBook, { title: "two" })];
    expect([one.title, two.title]).toEqual(["one", "two"]);
  });

  test("may add fields to those of a shape", async () => {
    class Shaped extends BaseTool.of({ title: z.string() }) {
      @field(z.number()) pages!: number;
      override call(): string {
        return `${this.title} (${this.pages})`;
      }
    }
    expect((await asked(Shaped, { title: "Dune", pages: 412 })).call()).toBe("Dune (412)");
  });

  test("keeps what a field was initialised with where no value is given", async () => {
    class Kind extends BaseTool {
      @field(z.string().optional()) tone = "kind";
      override call(): string {
        return this.tone;
      }
    }
    expect((await asked(Kind, {})).call()).toBe("kind");
    expect((await asked(Kind, { tone: "harsh" })).call()).toBe("harsh");
  });

  test("whose constructor cannot do without arguments is still known by its fields", async () => {
    class Picky extends BaseTool {
      @field(z.string()) title!: string;
      readonly length: number;
      constructor(args: { title: string }) {
        super(args);
        this.length = args.title.length;
      }
      override call(): number {
        return this.length;
      }
    }
    expect((await asked(Picky, { title: "Dune" })).call()).toBe(4);
  });
});

describe("a prompt in field style", () => {
  test("made by from() renders its fields and getters under any compiler setting", () => {
    expect(Review.from({ title: "Dune", tone: "kind" }).messages()).toEqual([user("kind: Dune, DUNE")]);
  });

  test("made by new does too, but where legacy fields are defined again", () => {
    const review = new Review({ title: "Dune", tone: "kind" });
    if (newLosesFields) expect(review.title).toBeUndefined();
    else expect(review.messages()).toEqual([user("kind: Dune, DUNE")]);
  });

  test("may leave out a field that its template names", () => {
    expect(Review.from({ title: "Dune" }).toString()).toBe(": Dune, DUNE");
  });

  test("keeps what a field was initialised with where no value is given", () => {
    @promptTemplate("{tone}: {title}")
    class Kind extends BasePrompt {
      @field(z.string()) title!: string;
      @field(z.string().optional()) tone = "kind";
    }
    expect(Kind.from({ title: "Dune" }).toString()).toBe("kind: Dune");
    expect(Kind.from({ title: "Dune", tone: "harsh" }).toString()).toBe("harsh: Dune");
  });

  test("refuses values that do not fit, made by new or from()", () => {
    const refused = expect.objectContaining({
      name: "ConfigurationError",
      issues: [expect.objectContaining({ path: ["title"] })],
    });
    expect(() => new Review({ title: 5 })).toThrow(refused);
    expect(() => Review.from({ title: 5 })).toThrow(refused);
  });

  test("is sent with its fields", async () => {
    const model = script(["ok"]);
    await Review.from({ title: "Dune", tone: "kind" }).run(call(model));
    expect(model.requests[0]?.messages).toEqual([user("kind: Dune, DUNE")]);
  });

  test("of a shape has its fields by new under any compiler setting", () => {
    @promptTemplate("{title}")
    class Shaped extends BasePrompt.of({ title: z.string() }) {}
    expect(new Shaped({ title: "Dune" }).toString()).toBe("Dune");
  });
});

test("a bare description without emitted metadata at hand is an error at definition, which shows the schema form", () => {
  const define = () => {
    class Book extends BaseTool {
      @field("The title") title!: string;
      override call() {}
    }
    return Book;
  };
  expect(define).toThrow(/type of the field title .*@field\(z\.string\(\)\.describe\("The title"\)\)/);
});
