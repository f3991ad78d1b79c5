import { BaseTool, call, promptTemplate, tool } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "./wires.js";

const reference = "openai/gpt-4o-mini";

describe("options that exclude each other are a type error, and a ConfigurationError where the call is defined", () => {
  const responseModel = z.object({ title: z.string() });
  // @ts-expect-error there is no whole response to parse
  const parsedStream = () => call(reference, { stream: true, outputParser: (response) => response.content });
  // @ts-expect-error what was shown cannot be taken back
  const reaskedStream = () => call(reference, { stream: true, responseModel, reask: 1 });
  // @ts-expect-error both make the value of the call
  const parsedModel = () => call(reference, { responseModel, outputParser: (response) => response.content });

  test.each<readonly [string, string, () => unknown]>([
    ["stream", "outputParser", parsedStream],
    ["stream", "reask", reaskedStream],
    ["responseModel", "outputParser", parsedModel],
  ])("%s and %s", async (one, other, define) => {
    const error = await errorOf(define);
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(one) });
    expect(error.message).toContain(other);
  });
});

test.each<readonly [string, object]>([
  ["responseModel", { responseModel: { type: "object" } }],
  ["reask", { responseModel: z.string(), reask: -1 }],
  ["reask", { responseModel: z.string(), reask: 0.5 }],
  ["maxSteps", { maxSteps: 0 }],
])("a wrong %s is told by name where the call is defined: %j", async (name, options) => {
  const error = await errorOf(() => call(reference, options));
  expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(name) });
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
