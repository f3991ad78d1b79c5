import "reflect-metadata";
import { BaseTool, field } from "callwright";
import { expect, test } from "vitest";

test("TC39 decorators emit no metadata, so that a bare description is an error at definition", () => {
  const define = () => {
    class Book extends BaseTool {
      @field("The title") title!: string;
      override call() {}
    }
    return Book;
  };
  expect(define).toThrow(/type of the field title/);
});
