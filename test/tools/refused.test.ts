import { BaseTool, ConfigurationError, call, tool } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const named = (name: string) => tool({ name, description: "A tool" })(() => "");

class Search extends BaseTool {
  override call() {}
}

describe.each(["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] as const)(
  "the definition of a call of %s",
  (ref) => {
    test("refuses two tools of one name, and says which", () => {
      expect(() => call(ref, { tools: [named("search"), named("search")] })).toThrow(ConfigurationError);
      expect(() => call(ref, { tools: [Search, named("Search")] })).toThrow(/Two tools of this call are named Search/);
      expect(() => call(ref, { tools: [Search, named("search")] })).not.toThrow();
    });

    test.each([
      ["a plain function", () => "", /tools\[1\] is no tool/],
      ["a class that is no tool", class Book {}, /tools\[1\] is no tool/],
      ["an instance of a tool", new Search(), /tools\[1\] is no tool/],
      ["nothing", undefined, /tools\[1\] is no tool/],
      ["a description in a provider's words", { type: "function", function: { name: "x" } }, /tools\[1\] is no tool/],
    ])("refuses %s among the tools, and says what to do", (_, stranger, message) => {
      expect(() => call(ref, { tools: [named("search"), stranger as never] })).toThrow(ConfigurationError);
      expect(() => call(ref, { tools: [named("search"), stranger as never] })).toThrow(message);
    });

    test("refuses a class whose own name no provider takes", () => {
      class Größe extends BaseTool {
        override call() {}
      }
      expect(() => call(ref, { tools: [Größe] })).toThrow(/"Größe" must be 1 to 64 letters/);
      tool({ name: "size", description: "Size" })(Größe);
      expect(() => call(ref, { tools: [Größe] })).not.toThrow();
    });
  },
);

test.each(["a".repeat(65), "get weather", "get.weather", "größe", "tool\n", "Москва", "a/b"])(
  "the tool name %j is refused where the tool is defined",
  (name) => {
    expect(() => named(name)).toThrow(ConfigurationError);
    expect(() => named(name)).toThrow(/must be 1 to 64 letters, digits, _ or -/);
  },
);

test.each(["a".repeat(64), "get-weather_2", "7"])("the tool name %j is taken", (name) => {
  expect(named(name).toolName).toBe(name);
});

test("a function without a name needs one for its tool", () => {
  expect(() => tool("Nameless")(() => "")).toThrow(/needs \{ name \}/);
  expect(() => named("")).toThrow(ConfigurationError);
});

test("an input that is no schema, and one for a class, are refused", () => {
  expect(() => tool({ description: "d", input: { city: "string" } as never })).toThrow(/must be a schema/);
  const decorate = tool({ description: "d", input: z.object({}) });
  expect(() => decorate(Search as never)).toThrow(/The class Search has fields/);
});

test("a field without a schema, and one named __proto__, are refused", () => {
  expect(() => BaseTool.of({ title: "string" as never })).toThrow(/The field title has no schema/);
  const fields: object = Object.fromEntries([["__proto__", z.string()]]);
  class Polluting extends BaseTool.of(fields as Record<never, never>) {
    override call() {}
  }
  expect(() => new Polluting({})).toThrow(/may not be named __proto__/);
});

test.each([0, -1, Number.NaN, "10" as never])("a time limit of %s ms is refused", (timeoutMs) => {
  expect(() => tool({ name: "slow", description: "Slow", timeoutMs })(() => "")).toThrow(ConfigurationError);
});

test("a generator, and a class that is no tool, cannot be decorated", () => {
  expect(() =>
    tool("Counts")(function* count() {
      yield 1;
    }),
  ).toThrow(/generator count/);
  class Book {}
  expect(() => tool("Book")(Book as never)).toThrow(/@tool cannot decorate this class \(Book\)/);
});
