import {
  anthropic,
  call,
  type DynamicConfig,
  type Message,
  type Middleware,
  openai,
  prompt,
  promptTemplate,
  system,
  tool,
  user,
} from "callwright";
import { script, wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { deepFreeze, errorOf, onBothWires, turnsOf } from "./wires.js";

const add = tool({ name: "add", description: "Adds" })(() => 1);
const subtract = tool({ name: "subtract", description: "Subtracts" })(() => -1);

const toolNames = (body: any) => body.tools?.map((each: any) => each.function?.name ?? each.name);

onBothWires((wire) => {
  /** A call whose function returns, each time, the config that it is given. */
  const asker = (options: object = {}) => call(wire.reference, { ...wire.access, ...options })((c: DynamicConfig) => c);

  test("a config wins over the decorator's options, for its own call only", async () => {
    const ask = asker({ temperature: 0.1, topP: 0.2, tools: [add], metadata: { run: 1 } });
    const messages = "Hi";
    await ask({ messages, params: { temperature: 0 }, tools: [subtract], toolChoice: "required" });
    await ask({ messages });
    const [changed, plain] = wire.server.requests.map(({ body }) => body);
    expect([changed.temperature, changed.top_p, toolNames(changed)]).toEqual([0, 0.2, ["subtract"]]);
    expect(changed.tool_choice).toEqual(wire.provider === "openai" ? "required" : { type: "any" });
    expect([plain.temperature, plain.top_p, toolNames(plain)]).toEqual([0.1, 0.2, ["add"]]);
    expect(plain.tool_choice).toBeUndefined();
  });

  test("in a config, undefined is unset, and 0 and an empty list are values", async () => {
    const ask = asker({ temperature: 0.5, stop: ["END"], tools: [add] });
    await ask({ messages: "Hi", params: { temperature: undefined }, tools: undefined });
    await ask({ messages: "Hi", params: { temperature: 0, stop: [] }, tools: [] });
    const [unset, zero] = wire.server.requests.map(({ body }) => body);
    expect([unset.temperature, unset.stop ?? unset.stop_sequences, toolNames(unset)]).toEqual([0.5, ["END"], ["add"]]);
    expect([zero.temperature, zero.stop ?? zero.stop_sequences, toolNames(zero)]).toEqual([0, [], undefined]);
  });

  test("the model of a config answers that call only", async () => {
    const double = script(["scripted"]);
    const ask = asker({ temperature: 0.5 });
    expect((await ask({ messages: "Hi", model: double })).content).toBe("scripted");
    expect(double.requests[0]?.params).toEqual({ temperature: 0.5 });
    expect(wire.server.requests).toEqual([]);
    expect((await ask({ messages: "Hi" })).provider).toBe(wire.provider);
  });

  test("the signal of a config aborts that call only", async () => {
    const ask = asker();
    const reason = new Error("enough");
    const error = await errorOf(ask({ messages: "Hi", signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ name: "AbortedError", reason });
    expect(wire.server.requests).toEqual([]);
    await ask({ messages: "Hi" });
  });

  test("the time-outs of a config hold for that call only, and leave the others in force", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY }, { text: "ok" });
    const ask = asker({ timeouts: { connectMs: 5000 } });
    const error = await errorOf(ask({ messages: "Hi", timeouts: { totalMs: 50 } }));
    expect(error).toMatchObject({ name: "TimeoutError", phase: "total" });
    expect((await ask({ messages: "Hi" })).content).toBe("ok");
  });

  test("a config with a value out of range is refused, and nothing is sent", async () => {
    const error = await errorOf(asker()({ messages: "Hi", params: { temperature: Number.NaN } }));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("temperature") });
    expect(wire.server.requests).toEqual([]);
  });

  test("metadata reaches the middleware and not the wire", async () => {
    const seen: unknown[] = [];
    const watch: Middleware = (model) => ({
      id: model.id,
      run(request) {
        seen.push(request.metadata);
        return model.run(request);
      },
    });
    const ask = asker({ metadata: { run: 1 }, use: [watch] });
    await ask({ messages: "Hi" });
    await ask({ messages: "Hi", metadata: { run: 2 } });
    expect(seen).toEqual([{ run: 1 }, { run: 2 }]);
    expect(JSON.stringify(wire.server.requests.map(({ body }) => body))).not.toContain("run");
  });

  test("100 calls at once with different configs each send their own", async () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const tools = numbers.map((n) => tool({ name: `tool_${n}`, description: "d" })(() => n));
    wire.server.reply(({ body }) => ({ text: `${body.temperature}`, delayMs: 100 * Math.random() }));
    const ask = asker({ temperature: 0.001, maxTokens: 9 });
    const responses = await Promise.all(
      numbers.map((n) =>
        ask({
          messages: `question ${n}`,
          ...(n % 2 === 0 && { params: { temperature: n / 100 } }),
          ...(n % 3 === 0 && { tools: tools.slice(n, n + 1) }),
        }),
      ),
    );
    expect(responses.map(({ content }) => content)).toEqual(numbers.map((n) => `${n % 2 === 0 ? n / 100 : 0.001}`));
    for (const { body } of wire.server.requests) {
      const n = Number(/\d+/.exec(turnsOf(body)[0]?.[1] ?? "")?.[0]);
      expect(body.temperature).toBe(n % 2 === 0 ? n / 100 : 0.001);
      expect(toolNames(body)).toEqual(n % 3 === 0 ? [`tool_${n}`] : undefined);
    }
  });

  test("nothing that the caller owns is changed, however deep", async () => {
    // Neither API has a member of several levels that takes anything.
    await using lax = await wireServer({ strict: false });
    lax.reply({ toolCalls: [{ name: "add", args: {} }] });
    const history: Message[] = [
      system("Be brief."),
      user(["Look", { type: "cache-point" }, { type: "text", text: "here" }]),
      { role: "assistant", content: [{ type: "tool-call", id: "1", name: "add", arguments: "{}" }] },
      {
        role: "tool",
        content: [{ type: "tool-result", id: "1", name: "add", content: [{ type: "text", text: "1" }] }],
      },
      user("And?"),
    ];
    const options = {
      ...lax[wire.provider],
      stop: ["END"],
      extraBody: { user: "u", nested: { a: [1] } },
      headers: { "x-a": "1" },
    };
    const config = {
      messages: history,
      params: { temperature: 0, extraBody: { nested: { b: 2 } } },
      metadata: { a: [1] },
    };
    const before = structuredClone([history, options, config]);
    deepFreeze([history, options, config]);
    const ask = call(wire.reference, { ...options, tools: [add] })(() => config);
    const [response] = await Promise.all([ask(), ask()]);
    await response.runTools();
    expect([history, options, config]).toEqual(before);
    expect(lax.requests[0]?.body).toEqual(lax.requests[1]?.body);
  });

  test("the messages of a response are a new list, whose messages are the caller's own", async () => {
    const history = [user("Hi")];
    const response = await call(wire.reference, wire.access)(() => history)();
    expect(response.messages).not.toBe(history);
    expect(response.messages[0]).toBe(history[0]);
    expect(history.length).toBe(1);
  });

  test("options that are changed after the decoration change no call", async () => {
    const options: { baseURL: string; apiKey: string; temperature: number } = { ...wire.access, temperature: 0 };
    const ask = call(wire.reference, options)(() => "Hi");
    options.temperature = 1;
    options.apiKey = "sk-another";
    await ask();
    expect(wire.body.temperature).toBe(0);
    expect(JSON.stringify(wire.server.requests[0]?.headers)).not.toContain("sk-another");
  });
});

describe("with a template", () => {
  const template = promptTemplate("SYSTEM: {role}\nUSER: {genre}");
  type Args = { role: string; genre: string };

  test("computed variables win over arguments of the same name, for that call only", async () => {
    const model = script(["", ""]);
    const ask = call(model)(
      template((args: Args) => (args.genre === "fantasy" ? { computed: { genre: "FANTASY" } } : undefined)),
    );
    await ask({ role: "r", genre: "fantasy" });
    await ask({ role: "r", genre: "horror" });
    expect(model.requests.map(({ messages }) => messages)).toEqual([
      [system("r"), user("FANTASY")],
      [system("r"), user("horror")],
    ]);
  });

  test("a computed variable needs no argument, and null is a value of it", async () => {
    const model = script([""]);
    const filled = template((_: Args) => ({ computed: { role: null, genre: 0 } }));
    await call(model)(filled)({} as Args);
    expect(model.requests[0]?.messages).toEqual([user("0")]);
  });

  test.each<readonly [string, (history: Message[]) => any]>([
    ["messages", (messages) => messages],
    ["a config with messages", (messages) => ({ messages })],
    ["a config with a prompt", (messages) => ({ messages: prompt(messages) })],
    ["a prompt of a config", (messages) => prompt({ messages })],
  ])("%s that the function returns win over the template", async (_, make) => {
    const model = script([""]);
    const own = [user("my own")];
    await call(model)(template((_args: Args) => make(own)))({ role: "r", genre: "g" });
    expect(model.requests[0]?.messages).toEqual(own);
  });

  test("a config without messages leaves the template to say them, and keeps its settings", async () => {
    const model = script([""]);
    await call(model)(template((_: Args) => ({ params: { temperature: 0 } })))({ role: "r", genre: "g" });
    expect(model.requests[0]).toMatchObject({ messages: [system("r"), user("g")], params: { temperature: 0 } });
  });
});

test.each([openai, anthropic])("a provider's own call takes configs as well", async (provider) => {
  const model = script(["ok"]);
  expect((await provider.call("any")(() => ({ messages: "Hi", model }))()).content).toBe("ok");
});

test("a key that no config has is refused by name", async () => {
  const error = await errorOf(call(script([""]))(() => ({ messages: "Hi", temprature: 0 }) as DynamicConfig)());
  expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining('"temprature"') });
});
