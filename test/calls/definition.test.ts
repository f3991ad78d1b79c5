import { BaseTool, call, promptTemplate, tool } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "./wires.js";

const reference = "openai/gpt-4o-mini";

test("a stream has no outputParser: a type error, and a ConfigurationError where the call is defined", async () => {
  // @ts-expect-error there is no whole response to parse
  const define = () => call(reference, { stream: true, outputParser: (response) => response.content });
  expect(await errorOf(define)).toMatchObject({
    name: "ConfigurationError",
    message: expect.stringContaining("outputParser"),
  });
});

describe("decorated twice", () => {
  test("a function is told so by its name, where the second call is defined", async () => {
    const once = call(reference)(function recommend() {
      return "Hi";
    });
    const error = await errorOf(() => call(reference)(once as never));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("recommend") });
  });

  test("a template is told so by its function's name", async () => {
    const once = promptTemplate("one")(function recommend() {});
    for (const twice of [once, call(reference)(once)]) {
      const error = await errorOf(() => promptTemplate("two")(twice as never));
      expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("recommend") });
    }
  });

  test("a tool is told so by its name", async () => {
    const once = tool("Adds")(function add() {});
    expect((await errorOf(() => tool("Adds more")(once as never))).message).toContain("add");
    class Add extends BaseTool.of({ to: z.number() }) {
      override call() {}
    }
    tool("Adds")(Add);
    expect((await errorOf(() => tool("Adds more")(Add))).message).toContain("Add");
  });
});

describe("what no call can be made of", () => {
  test.each<readonly [string, unknown, string]>([
    ["a class", class Librarian {}, "Librarian"],
    ["a generator", function* recommend() {}, "recommend"],
    ["an async generator", async function* recommend() {}, "recommend"],
    ["an object", {}, "object"],
    ["null", null, "null"],
    ["nothing", undefined, "undefined"],
  ])("%s is told so where it is decorated", async (_, target, says) => {
    const error = await errorOf(() => call(reference)(target as never));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(says) });
  });
});

describe("tools of a call", () => {
  const add = tool({ name: "add", description: "Adds" })(() => 1);

  test("may not share a name", async () => {
    const other = tool({ name: "add", description: "Adds more" })(() => 2);
    expect((await errorOf(() => call(reference, { tools: [add, other] }))).message).toContain("add");
  });

  test("must be tools", async () => {
    const tools = [add, () => 1] as never;
    expect((await errorOf(() => call(reference, { tools }))).message).toContain("tools[1]");
  });
});
