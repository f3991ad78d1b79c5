import "reflect-metadata";
import { BaseTool, call, field, tool } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";

function defineBook() {
  @tool("Formats a book")
  class Book extends BaseTool {
    @field("The title") title!: string;
    @field("How many pages") pages!: number;
    @field("Whether it is lent") lent!: boolean;

    override call(): string {
      return `${this.title}, ${this.pages}, ${this.lent}`;
    }
  }
  return Book;
}

describe("a bare description with emitted metadata", () => {
  test("takes the field's type from it", async () => {
    const model = script([{ toolCalls: [{ name: "Book", args: { title: "Dune", pages: 412, lent: false } }] }]);
    const { tool } = await call(model, { tools: [defineBook()] })(() => "Hi")();
    expect(model.requests[0]?.tools?.[0]?.schema).toMatchObject({
      properties: {
        title: { type: "string", description: "The title" },
        pages: { type: "number", description: "How many pages" },
        lent: { type: "boolean", description: "Whether it is lent" },
      },
      required: ["title", "pages", "lent"],
    });
    expect(tool?.call()).toBe("Dune, 412, false");
  });

  test("refuses a value of another type", async () => {
    const model = script([{ toolCalls: [{ name: "Book", args: { title: "Dune", pages: "412", lent: false } }] }]);
    const { toolErrors } = await call(model, { tools: [defineBook()] })(() => "Hi")();
    expect(toolErrors[0]?.issues).toEqual([{ message: "Expected a number", path: ["pages"] }]);
  });

  test("of a type that says too little is an error at definition", () => {
    const define = () => {
      class Book extends BaseTool {
        @field("The authors") authors!: string[];
        override call() {}
      }
      return Book;
    };
    expect(define).toThrow(/type of the field authors/);
  });
});
