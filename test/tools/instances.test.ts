import { BaseTool, ToolArgumentsError, tool } from "callwright";
import { expect, test } from "vitest";
import { z } from "zod";

class FormatBook extends BaseTool.of({ title: z.string().trim(), pages: z.number().default(100) }) {
  override call() {
    return `${this.title}, ${this.pages} pages`;
  }
}
tool({ name: "format_book", description: "Format" })(FormatBook);

test("an instance made by hand is validated and has its fields", () => {
  const book = new FormatBook({ title: " Momo " });
  expect(book.title).toBe("Momo");
  expect(book.args).toEqual({ title: "Momo", pages: 100 });
  expect(book.call()).toBe("Momo, 100 pages");
});

test("arguments that do not fit are an error with issues that names the class", () => {
  const make = () => new FormatBook({ title: 1 as never, pages: "x" as never });
  expect(make).toThrow(ToolArgumentsError);
  expect(make).toThrow(/The arguments of FormatBook do not fit its fields:\ntitle: /);
  expect(make).toThrow(
    expect.objectContaining({
      code: "tool_arguments",
      issues: [expect.objectContaining({ path: ["title"] }), expect.objectContaining({ path: ["pages"] })],
    }),
  );
});

test("from makes a validated instance of the class that it is called on", () => {
  class Novel extends FormatBook {}
  const novel = Novel.from({ title: "Momo", pages: 304 });
  expect(novel).toBeInstanceOf(Novel);
  expect(novel.call()).toBe("Momo, 304 pages");
  expect(() => Novel.from({ title: 1 })).toThrow(ToolArgumentsError);
});

test("toolCall of an instance made by hand is what would have asked for it", () => {
  expect(new FormatBook({ title: "Momo" }).toolCall).toEqual({
    type: "tool-call",
    id: "",
    name: "format_book",
    arguments: '{"title":"Momo","pages":100}',
  });
});

test("as JSON, an instance is its fields", () => {
  expect(JSON.stringify(new FormatBook({ title: "Momo" }))).toBe('{"title":"Momo","pages":100}');
  expect(Object.keys(new FormatBook({ title: "Momo" }))).toEqual(["title", "pages"]);
});

test("arguments without a field are dropped", () => {
  const book = new FormatBook({ title: "Momo", isbn: "1" } as never);
  expect(book.args).toEqual({ title: "Momo", pages: 100 });
  expect(book).not.toHaveProperty("isbn");
});

test("the validated arguments of one class are validated again by another", () => {
  class Other extends BaseTool.of({ title: z.number() }) {
    override call() {}
  }
  const { args } = FormatBook.from({ title: "Momo" });
  expect(() => new Other(args as never)).toThrow(ToolArgumentsError);
});

test("a function tool can still be called as it is, and bears its tool's name", async () => {
  const getWeather = tool({ name: "get_weather", description: "d", input: z.object({ city: z.string() }) })(
    async ({ city }, { signal, callId, messages }) => ({ city, aborted: signal.aborted, callId, messages }),
  );
  expect(getWeather.toolName).toBe("get_weather");
  const now = tool("The time")(function now(args?: unknown) {
    return args;
  });
  expect(now()).toEqual({});
  expect(await getWeather({ city: "Paris" })).toEqual({ city: "Paris", aborted: false, callId: "", messages: [] });
});
