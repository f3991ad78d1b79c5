import { BasePrompt, BaseTool, call, field, tool } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { assignFields, declareShape, shapeOf } from "../src/fields.js";
import { errorOf } from "./calls/wires.js";

// How compilers apply decorators stands in test/modes; here they are applied by hand.

const string = z.string();
const number = z.number();

describe("the fields of a class", () => {
  test("are those of its parents too, theirs first, and its own win", () => {
    class Parent {}
    class Child extends Parent {}
    declareShape(Parent, { title: string, pages: string });
    declareShape(Child, { pages: number, author: string });
    expect(Object.entries(shapeOf(Child))).toEqual([
      ["title", string],
      ["pages", number],
      ["author", string],
    ]);
    expect(Object.keys(shapeOf(Parent))).toEqual(["title", "pages"]);
  });

  test("of legacy decorators are declared on the prototype that bears them", () => {
    class Parent {
      declare title: string;
    }
    class Child extends Parent {
      declare pages: number;
    }
    field(string)(Parent.prototype, "title");
    field(number)(Child.prototype, "pages");
    expect(Object.keys(shapeOf(Parent))).toEqual(["title"]);
    expect(Object.keys(shapeOf(Child))).toEqual(["title", "pages"]);
  });

  test("are gathered once", () => {
    class Once {}
    declareShape(Once, { title: string });
    expect(shapeOf(Once)).toBe(shapeOf(Once));
  });

  test("may be named as what every object has", () => {
    class Odd {}
    declareShape(Odd, { constructor: string, toLocaleString: string });
    expect(Object.keys(shapeOf(Odd))).toEqual(["constructor", "toLocaleString"]);
  });

  test("are none where nothing was declared, and the class is not run for it", () => {
    let runs = 0;
    class Bare {
      constructor() {
        runs++;
        throw new Error("needs arguments");
      }
    }
    expect(shapeOf(Bare)).toEqual({});
    expect(runs).toBe(1);
  });
});

test("values become own, writable and enumerable members, whatever the prototype has", () => {
  const instance = Object.create({
    get title() {
      return "inherited";
    },
  });
  assignFields(instance, { title: "Dune" });
  expect(Object.getOwnPropertyDescriptor(instance, "title")).toEqual({
    value: "Dune",
    writable: true,
    enumerable: true,
    configurable: true,
  });
});

describe("a tool with a field named constructor", () => {
  class Search extends BaseTool.of({ constructor: z.string(), query: z.string().optional() }) {
    override call() {
      return `${this.constructor}`;
    }
  }
  tool("Finds cars")(Search);

  test("is asked for, bound and run as any other", async () => {
    const model = script([{ toolCalls: [{ name: "Search", args: { constructor: "Ford" } }] }]);
    const response = await call(model, { tools: [Search] })(() => "Hi")();
    expect(model.requests[0]?.tools?.[0]?.schema).toMatchObject({
      properties: { constructor: { type: "string" } },
      required: ["constructor"],
    });
    expect(response.tool).toBeInstanceOf(Search);
    expect(response.tool?.args).toEqual({ constructor: "Ford" });
    expect(await response.tool?.call()).toBe("Ford");
  });

  test("knows its name when it is made by hand", () => {
    expect(new Search({ constructor: "Ford" }).toolCall).toMatchObject({
      name: "Search",
      arguments: '{"constructor":"Ford"}',
    });
  });
});

describe("a bare description", () => {
  test("without emitted metadata is an error that names the field and shows the schema form", async () => {
    class Bare {
      declare title: string;
    }
    for (const define of [
      () => field("The title")(Bare.prototype, "title"),
      () => (field("The title") as any)(undefined, { kind: "field", name: "title" }),
    ]) {
      const error = await errorOf(define);
      expect(error).toMatchObject({ name: "ConfigurationError" });
      expect(error.message).toContain("The type of the field title");
      expect(error.message).toContain('@field(z.string().describe("The title"))');
    }
  });
});

test.each<readonly [string, readonly unknown[]]>([
  ["a TC39 method", [() => {}, { kind: "method", name: "title" }]],
  ["a TC39 accessor", [{}, { kind: "accessor", name: "title" }]],
  ["a TC39 class", [class title {}, { kind: "class", name: "title" }]],
  ["a legacy method", [{}, "title", { value() {} }]],
  ["a legacy accessor", [{}, "title", { get() {} }]],
  ["a plain function", [function title() {}]],
])("@field on %s is an error that names it", async (_, args) => {
  const error = await errorOf(() => (field(string) as any)(...args));
  expect(error).toMatchObject({ name: "ConfigurationError" });
  expect(error.message).toContain("@field");
  expect(error.message).toContain("title");
});

test("a field may not be named __proto__", async () => {
  const shape = JSON.parse('{ "__proto__": 1 }');
  Object.defineProperty(shape, "__proto__", { value: string, enumerable: true });
  class Evil extends BasePrompt.of(shape) {}
  expect((await errorOf(() => new Evil({}))).message).toContain("__proto__");
});
