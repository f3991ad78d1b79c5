import { anthropic, CallResponse, call, openai, prompt } from "callwright";
import { expect, test } from "vitest";
import { onBothWires, turnsOf } from "./wires.js";

onBothWires((wire) => {
  test.each<readonly [string, () => any]>([
    ["a string", () => "Hi"],
    ["a promise of a string", async () => "Hi"],
    ["a prompt", () => prompt`Hi`],
    ["a promise of a prompt", async () => prompt`Hi`],
  ])("a function that returns %s is a call", async (_, body) => {
    const response = await call(wire.reference, wire.access)(body)();
    expect(response).toBeInstanceOf(CallResponse);
    expect(response.content).toBe("Hello from the wire server.");
    expect(turnsOf(wire.body)).toEqual([["user", "Hi"]]);
  });

  test("the arguments and `this` of a call are those of its function", async () => {
    const shelf = {
      owner: "Ada",
      ask: call(
        wire.reference,
        wire.access,
      )(function (this: { owner: string }, first: string, ...more: string[]) {
        return `${this.owner}: ${first}, ${more.join(", ")}`;
      } as (first: string, ...more: string[]) => string),
    };
    await shelf.ask("a", "b", "c");
    expect(turnsOf(wire.body)).toEqual([["user", "Ada: a, b, c"]]);
  });

  test("the same decorator makes calls of several functions, and each stays itself", async () => {
    const decorator = call(wire.reference, wire.access);
    const [one, two] = [decorator(() => "one"), decorator(() => "two")];
    await two();
    await one();
    expect(wire.server.requests.map(({ body }) => turnsOf(body))).toEqual([[["user", "two"]], [["user", "one"]]]);
  });

  test("what the function throws is what the call throws, and nothing is sent", async () => {
    const broken = new Error("no genre");
    const ask = call(
      wire.reference,
      wire.access,
    )(() => {
      throw broken;
    });
    await expect(ask()).rejects.toBe(broken);
    expect(wire.server.requests).toEqual([]);
  });

  test("an outputParser makes the value of the call, and is awaited", async () => {
    const count = call(wire.reference, {
      ...wire.access,
      outputParser: async (response) => response.content.split(" ").length,
    })(() => "Hi");
    expect(await count()).toBe(5);
  });

  test("the provider's own `call` is call() with the provider said once", async () => {
    const options = { ...wire.access, temperature: 0 };
    const vendor = { openai, anthropic }[wire.provider];
    await call(wire.reference, options)(() => "Hi")();
    await vendor.call(wire.name, options)(() => "Hi")();
    const [long, short] = wire.server.requests;
    expect(short?.body).toEqual(long?.body);
    expect(short?.path).toBe(long?.path);
  });
});

test("a call goes by the name and the length of its function", () => {
  const ask = call("openai/gpt-4o-mini")(function recommend(_genre: string, _mood: string) {
    return "Hi";
  });
  expect([ask.name, ask.length]).toEqual(["recommend", 2]);
});
