import { type CallDecorator, call, prompt, promptTemplate, tool, toolsOf, user } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { decorate, fact } from "../src/decorate.js";
import { errorOf } from "./calls/wires.js";

// How compilers apply decorators stands in test/modes; here they are applied by hand.

type Applied = (decorator: any, owner: any, name: PropertyKey) => void;

/** The two ways in which a compiled class applies a decorator to a method. */
const modes: Record<string, Applied> = {
  legacy(decorator, owner, name) {
    const before = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor;
    Object.defineProperty(owner, name, decorator(owner, name, before) ?? before);
  },
  tc39(decorator, owner, name) {
    const before = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor;
    const value = decorator(before.value, { kind: "method", name }) ?? before.value;
    Object.defineProperty(owner, name, { ...before, value });
  },
};

describe.each(Object.entries(modes))("in %s mode", (_, apply) => {
  test("a method keeps its name, its length and how it is listed", () => {
    class Librarian {
      recommend(_genre: string, _mood: string) {
        return prompt`Hi`;
      }
    }
    apply(call("openai/gpt-4o-mini"), Librarian.prototype, "recommend");
    const { recommend } = Librarian.prototype;
    expect([recommend.name, recommend.length]).toEqual(["recommend", 2]);
    expect(Object.keys(Librarian.prototype)).toEqual([]);
  });

  test("a method named by a symbol is a call, and a mistake in it is told by the symbol's description", async () => {
    const name = Symbol("ask");
    const model = script(["ok"]);
    class Librarian {
      [name](question: string): any {
        return question;
      }
    }
    apply(call(model), Librarian.prototype, name);
    expect((await new Librarian()[name]("Hi")).content).toBe("ok");
    const again = await errorOf(() => apply(call(model), Librarian.prototype, name));
    expect(again.message).toContain("ask");
  });

  test.each<readonly [string, readonly CallDecorator<any>[] | any]>([
    ["@tool above @call", (model: any) => [call(model), tool("Recommends")]],
    ["@call above @tool", (model: any) => [tool("Recommends"), call(model)]],
  ])("%s makes a tool that is a call", async (_, decorators) => {
    const model = script(["Dune"]);
    class Librarian {
      recommend(): any {
        return prompt`Recommend`;
      }
    }
    for (const each of decorators(model)) apply(each, Librarian.prototype, "recommend");
    const [made] = toolsOf(new Librarian());
    expect(made?.toolName).toBe("recommend");
    expect(`${await made?.({})}`).toBe("Dune");
    expect(model.requests[0]?.messages).toEqual([user("Recommend")]);
  });

  test("two templates on one method are an error that names it, with a call between them or not", async () => {
    for (const between of [[], [call("openai/gpt-4o-mini")]]) {
      class Librarian {
        recommend() {}
      }
      for (const each of [promptTemplate("one"), ...between]) apply(each, Librarian.prototype, "recommend");
      const error = await errorOf(() => apply(promptTemplate("two"), Librarian.prototype, "recommend"));
      expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("recommend") });
    }
  });
});

describe("what a decorator does not fit is told by name", () => {
  const decorators = {
    "@call": call("openai/gpt-4o-mini"),
    "@promptTemplate": promptTemplate("Hi"),
    "@tool": tool("d"),
  };
  const doors: readonly (readonly [string, readonly unknown[]])[] = [
    ["a legacy accessor", [{}, "member", { get() {}, configurable: true }]],
    ["a legacy field", [{}, "member", undefined]],
    ["a legacy field without a third argument", [{}, "member"]],
    ["a TC39 getter", [() => {}, { kind: "getter", name: "member" }]],
    ["a TC39 setter", [() => {}, { kind: "setter", name: "member" }]],
    [
      "a TC39 accessor",
      [
        { get() {}, set() {} },
        { kind: "accessor", name: "member" },
      ],
    ],
    ["a TC39 field", [undefined, { kind: "field", name: "member" }]],
    ["a TC39 class", [class member {}, { kind: "class", name: "member" }]],
    ["a legacy class", [class member {}]],
    ["a legacy async generator", [{}, "member", { async *value() {} }]],
    ["a TC39 async generator", [async function* () {}, { kind: "method", name: "member" }]],
    ["a TC39 generator", [function* () {}, { kind: "method", name: "member" }]],
    ["a private TC39 getter", [() => {}, { kind: "getter", name: "#member", private: true }]],
  ];

  test.each(doors)("%s", async (_, args) => {
    for (const [label, decorator] of Object.entries(decorators)) {
      const error = await errorOf(() => (decorator as any)(...args));
      expect(error).toMatchObject({ name: "ConfigurationError" });
      expect(error.message).toContain(label);
      expect(error.message).toContain("member");
    }
  });
});

describe("facts", () => {
  const size = fact<number>("test-size");

  test("live on the function or class itself, under a key that every copy of the package shares", () => {
    const target = () => {};
    size.set(target, 5);
    expect((target as any)[Symbol.for("callwright.test-size")]).toBe(5);
    expect(fact<number>("test-size").of(target)).toBe(5);
    expect(Object.keys(target)).toEqual([]);
  });

  test("are not inherited", () => {
    class Parent {}
    class Child extends Parent {}
    size.set(Parent, 5);
    expect([size.of(Parent), size.of(Child)]).toEqual([5, undefined]);
  });

  test("survive wrapping, and a wrapper's own win", () => {
    const color = fact<string>("test-color");
    const original = Object.assign(() => 1, {});
    size.set(original, 5);
    color.set(original, "red");
    const wrap = (fn: any) => {
      const wrapper = () => fn();
      color.set(wrapper, "blue");
      return wrapper;
    };
    const wrapped = decorate({ label: "@wrap", wrap }, [original]) as object;
    expect([size.of(wrapped), color.of(wrapped)]).toEqual([5, "blue"]);
    expect(color.of(original)).toBe("red");
  });
});

test("a decorator that was compiled for the proposal of 2018 says which setting is missing", () => {
  const descriptor = { kind: "method", key: "ask", placement: "prototype", descriptor: { value() {} } };
  const decorator = call("openai/gpt-4o-mini") as unknown as (descriptor: object) => unknown;
  expect(() => decorator(descriptor)).toThrow(
    /@call was compiled as a decorator of the 2018 proposal.*experimentalDecorators/,
  );
});
