import { expect, test } from "vitest";
import { user } from "../../src/message.js";
import { parseTemplate } from "../../src/template/grammar.js";
import { renderTemplate } from "../../src/template/render.js";
import { render, templateError } from "./rendering.js";

test("a missing variable is named, with what there is instead and where it stands", () => {
  const error = templateError(() => render("USER: hi\n  {genre}", { age: 3, name: "x" }));
  expect(error).toMatchObject({ variable: "genre", line: 2, column: 3 });
  expect(error.message).toBe('Template variable "genre" (line 2, column 3) is missing; the variables are age, name.');
});

test.each([undefined, null, "fantasy", 3])("with %j for an argument, the error asks for one object", (argument) => {
  const error = templateError(() => render("{genre}", argument));
  expect(error.message).toContain("a template takes one object argument");
  expect(error.variable).toBe("genre");
});

test("a template without variables needs no argument", () => {
  expect(render("Hi {self.name}", undefined, { name: "Ann" })).toEqual([user("Hi Ann")]);
});

test("a path through null or undefined names the path", () => {
  const error = templateError(() => render("{a.b.c.d}", { a: { b: { c: null } } }));
  expect(error.variable).toBe("a.b.c.d");
  expect(error.message).toContain('leads through "a.b.c", which is null');
  expect(templateError(() => render("{self.x}")).message).toContain('leads through "self", which is undefined');
});

test("a member that is missing at the end of a path is named, one that is null renders as nothing", () => {
  expect(templateError(() => render("{a.b}", { a: { c: 1 } })).message).toContain('is missing; "a" has c.');
  expect(render("<{a.b}>", { a: { b: null } })).toEqual([user("<>")]);
});

test.each([
  "constructor",
  "__proto__",
  "prototype",
  "x.constructor",
  "x.__proto__.y",
  "x.prototype",
  "self.constructor",
])("{%s} is refused", (path) => {
  const error = templateError(() => render(`{${path}}`, { x: {} }, {}));
  expect(error.variable).toBe(path);
  expect(error.message).toContain("is refused");
});

test("a refused name is refused even where the data has it", () => {
  expect(templateError(() => render("{x.constructor}", JSON.parse('{"x": {"constructor": 1}}'))).message).toContain(
    "refused",
  );
});

test.each(["toString", "hasOwnProperty", "x.valueOf", "xs.map", "s.trim"])(
  "{%s} is missing: inherited methods are no data",
  (path) => {
    expect(templateError(() => render(`{${path}}`, { x: {}, xs: [1], s: "a" })).message).toContain("is missing");
  },
);

test("own properties of strings and lists can be read", () => {
  expect(render("{s.length} {xs.length} {xs.1}", { s: "abc", xs: ["a", "b"] })).toEqual([user("3 2 b")]);
});

class Person {
  reads = 0;
  #name = "Ann";
  get name() {
    this.reads++;
    return this.#name;
  }
  greet() {
    return "hi";
  }
}
class Child extends Person {}

test("a getter of a class or its base is read, once a hole", () => {
  const child = new Child();
  expect(render("{name} {self.name}", child, child)).toEqual([user("Ann Ann")]);
  expect(child.reads).toBe(2);
});

test("a method of a class is no variable", () => {
  expect(templateError(() => render("{self.greet}", {}, new Child()))).toMatchObject({ variable: "self.greet" });
});

test("a polluted Object.prototype adds no variable", () => {
  Object.defineProperty(Object.prototype, "leaked", { get: () => "x", configurable: true });
  try {
    expect(templateError(() => render("{leaked}", {})).message).toContain("missing");
  } finally {
    Reflect.deleteProperty(Object.prototype, "leaked");
  }
});

test("an object without a prototype and a map's own getter are read", () => {
  const bare = Object.assign(Object.create(null), { x: 1 });
  expect(render("{x} {m.size}", Object.assign(bare, { m: new Map([[1, 2]]) }))).toEqual([user("1 1")]);
});

test("a getter that throws is an error that names the variable and keeps the cause", () => {
  const cause = new Error("no database");
  const holder = {
    get x() {
      throw cause;
    },
  };
  expect(templateError(() => render("{x}", holder))).toMatchObject({ variable: "x", cause });
});

test("computed values win over the argument of the same name", () => {
  const template = parseTemplate("{a} {b}");
  const scope = { variables: { a: 1, b: 2 }, self: undefined, computed: { b: 3 } };
  expect(renderTemplate(template, scope)).toEqual([user("1 3")]);
  expect(renderTemplate(template, { ...scope, variables: "text", computed: { a: 0, b: 3 } })).toEqual([user("0 3")]);
});
