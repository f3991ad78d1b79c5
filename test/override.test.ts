import {
  BasePrompt,
  type CallOptions,
  call,
  completion,
  type Middleware,
  model,
  override,
  Session,
  tool,
  user,
} from "callwright";
import { script, wireServer } from "callwright/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "./calls/wires.js";

afterEach(() => vi.unstubAllEnvs());

/** A gate that some code waits at until another opens it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Middleware that writes down when it is asked. */
function noting(names: string[], name: string): Middleware {
  return (model) => ({
    id: model.id,
    run(request) {
      names.push(name);
      return model.run(request);
    },
  });
}

onBothWires((wire) => {
  const asker = (options: CallOptions = {}) =>
    call(wire.reference, { ...wire.access, ...options })((question: string) => question);
  const temperatures = () => wire.server.requests.map(({ body }) => body.temperature);

  test("inside an override, calls go by its settings; behind it, by their own", async () => {
    const ask = asker({ temperature: 0.5, topP: 0.1 });
    await ask("before");
    await override({ temperature: 0 }, () => ask("inside"));
    await ask("behind");
    expect(temperatures()).toEqual([0.5, 0, 0.5]);
    expect(wire.server.requests.map(({ body }) => body.top_p)).toEqual([0.1, 0.1, 0.1]);
  });

  test("overrides nest: the inner one wins, and what it does not say stays as the outer one says", async () => {
    const ask = asker({ temperature: 0.5 });
    await override({ temperature: 0.1, maxTokens: 7 }, async () => {
      await override({ temperature: 0.2, topP: undefined }, () => ask("inner"));
      await ask("outer");
    });
    expect(temperatures()).toEqual([0.2, 0.1]);
    expect(wire.server.requests.map(({ body }) => body.max_completion_tokens ?? body.max_tokens)).toEqual([7, 7]);
  });

  test("in the override's value, 0 and an empty list are values, and undefined is unset", async () => {
    const ask = asker({ temperature: 0.5, stop: ["END"], tools: [] });
    await override({ temperature: 0, stop: [] }, () => ask("x"));
    await override({ temperature: undefined, stop: undefined }, () => ask("x"));
    expect(temperatures()).toEqual([0, 0.5]);
    expect(wire.server.requests.map(({ body }) => body.stop ?? body.stop_sequences)).toEqual([[], ["END"]]);
  });

  test("a body that fails, at once or later, leaves nothing behind", async () => {
    const ask = asker({ temperature: 0.5 });
    const failing = [
      () => {
        throw new Error("at once");
      },
      async () => {
        await Promise.resolve();
        throw new Error("later");
      },
    ];
    for (const fail of failing)
      expect((await errorOf(() => override({ temperature: 0 }, fail))).message).toMatch(/at once|later/);
    await ask("behind");
    expect(temperatures()).toEqual([0.5]);
  });

  test("two contexts at once do not see each other", async () => {
    const ask = asker({ temperature: 0.5 });
    const [first, second] = [gate(), gate()];
    await Promise.all([
      override({ temperature: 0.1 }, async () => {
        first.open();
        await second.opened;
        await ask("0.1");
      }),
      override({ temperature: 0.2 }, async () => {
        await first.opened;
        second.open();
        await ask("0.2");
      }),
      first.opened.then(() => ask("0.5")),
    ]);
    const sent = wire.server.requests.map(({ body }) => [body.messages[0].content, `${body.temperature}`]);
    for (const [question, temperature] of sent) expect(temperature).toBe(question);
    expect(sent).toHaveLength(3);
  });

  test("a call that was started inside keeps its settings wherever it is awaited", async () => {
    const ask = asker({ temperature: 0.5 });
    const started = override({ temperature: 0 }, () => ({ promise: ask("started") }));
    await ask("outside");
    await started.promise;
    const sent = wire.server.requests.map(({ body }) => [body.messages[0].content, body.temperature]);
    expect(new Map(sent as [string, number][])).toEqual(
      new Map([
        ["started", 0],
        ["outside", 0.5],
      ]),
    );
  });

  test("a call whose prompt is made later keeps the settings under which it was started", async () => {
    const { open, opened } = gate();
    const ask = call(
      wire.reference,
      wire.access,
    )(async () => {
      await opened;
      return "Hi";
    });
    const started = override({ temperature: 0 }, () => ({ promise: ask() }));
    open();
    await started.promise;
    expect(temperatures()).toEqual([0]);
  });

  test("streams go by it as well, in all their steps, wherever they are read", async () => {
    const weather = tool({ name: "weather", description: "The weather" })(() => "warm");
    wire.server.reply({ toolCalls: [{ name: "weather", args: {} }] }, { text: "Warm." });
    const options = { ...wire.access, stream: true, tools: [weather], maxSteps: 2, temperature: 0.5 } as const;
    const ask = call(wire.reference, options)(() => "Hi");
    const { stream } = await override({ temperature: 0 }, async () => ({ stream: await ask() }));
    for await (const _ of stream);
    expect(stream.content).toBe("Warm.");
    expect(temperatures()).toEqual([0, 0]);
  });

  test("it wins over the config that a prompt function returns", async () => {
    const config = { messages: "Hi", params: { temperature: 1 }, model: wire.reference };
    const ask = call(wire.reference, wire.access)(() => config);
    const double = script(["scripted"]);
    expect((await override({ model: double, temperature: 0 }, () => ask())).content).toBe("scripted");
    expect(double.requests[0]?.params).toMatchObject({ temperature: 0 });
    expect(wire.server.requests).toEqual([]);
  });

  test("its middleware stands outermost, and the inner override's outside of the outer's", async () => {
    const names: string[] = [];
    const ask = asker({ use: [noting(names, "call 1"), noting(names, "call 2")] });
    await override({ use: [noting(names, "outer")] }, () =>
      override({ use: [noting(names, "inner 1"), noting(names, "inner 2")] }, () => ask("x")),
    );
    expect(names).toEqual(["inner 1", "inner 2", "outer", "call 1", "call 2"]);
    names.length = 0;
    await ask("x");
    expect(names).toEqual(["call 1", "call 2"]);
  });

  test("its signal aborts calls inside, beside their own", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const own = new AbortController();
    const around = new AbortController();
    const ask = asker({ signal: own.signal });
    const asking = [override({ signal: around.signal }, () => ask("x")), ask("x")].map(errorOf);
    await wire.server.arrived(2);
    const reason = new Error("enough");
    around.abort(reason);
    expect(await asking[0]).toMatchObject({ name: "AbortedError", reason });
    own.abort(reason);
    expect(await asking[1]).toMatchObject({ name: "AbortedError", reason });
    await Promise.all(wire.server.requests.map(({ closed }) => closed));
    expect(await errorOf(override({ signal: new AbortController().signal }, () => ask("x")))).toMatchObject({ reason });
  });

  test("another provider's model does not get the key, the address, the client or the headers of the call", async () => {
    await using other = await wireServer();
    vi.stubEnv(wire.other.variables.key, "sk-of-the-other");
    vi.stubEnv(wire.other.variables.url, other[wire.other.provider].baseURL);
    const ask = asker({ headers: { "x-secret": "s-1" } });
    const response = await override({ model: wire.other.reference }, () => ask("Hi"));
    expect(response.provider).toBe(wire.other.provider);
    expect(wire.server.connections).toBe(0);
    const headers = JSON.stringify(other.requests[0]?.headers);
    expect(headers).toContain("sk-of-the-other");
    expect(headers).not.toMatch(/s-1|wire-server/);
  });

  test("access of the override goes to the override's model, and not to that of one further in", async () => {
    await using other = await wireServer();
    vi.stubEnv(wire.other.variables.key, "sk-environment");
    vi.stubEnv(wire.other.variables.url, other[wire.other.provider].baseURL);
    const ask = call(wire.other.reference)((question: string) => question);
    await override({ model: wire.reference, ...wire.access }, async () => {
      expect((await ask("Hi")).provider).toBe(wire.provider);
      expect((await override({ model: wire.other.reference }, () => ask("Hi"))).provider).toBe(wire.other.provider);
    });
    expect([wire.server.requests.length, other.requests.length]).toEqual([1, 1]);
    expect(JSON.stringify(other.requests[0]?.headers)).not.toContain("wire-server");
  });

  test("another model of the same provider keeps the call's access", async () => {
    const ask = asker({ headers: { "x-team": "a" } });
    await override({ model: `${wire.provider}/another` }, () => ask("Hi"));
    expect(wire.body.model).toBe("another");
    expect(JSON.stringify(wire.server.requests[0]?.headers)).toContain(wire.access.apiKey);
    expect(wire.server.requests[0]?.headers["x-team"]).toBe("a");
  });

  test("a model made by model() brings its own access and options, and stands over the call's", async () => {
    const own = model(wire.reference, { ...wire.access, temperature: 0.3, topP: 0.9 });
    const ask = call(wire.other.reference, { apiKey: "sk-other", temperature: 0.5 })((question: string) => question);
    expect((await override({ model: own }, () => ask("Hi"))).provider).toBe(wire.provider);
    expect(wire.body).toMatchObject({ temperature: 0.5, top_p: 0.9 });
    expect(JSON.stringify(wire.server.requests[0]?.headers)).not.toContain("sk-other");
  });

  test("tools and a system message of the override take the place of the call's", async () => {
    const erase = tool({ name: "erase", description: "Erases" })(() => "erased");
    const look = tool({ name: "look", description: "Looks" })(() => "looked");
    wire.server.reply({ toolCalls: [{ name: "look", args: {} }] }, { text: "Done." });
    const ask = asker({ tools: [erase], system: "Erase all.", maxSteps: 2 });
    const response = await override({ tools: [look], system: "Only look." }, () => ask("Go."));
    expect(response.content).toBe("Done.");
    expect(JSON.stringify(wire.body)).toContain("looked");
    expect(JSON.stringify(wire.server.requests.map(({ body }) => body))).not.toMatch(/erase/i);
  });
});

describe("no way to ask escapes a test double", () => {
  class Word extends BasePrompt.of({ word: z.string() }) {}
  const session = () => new Session({ model: "openai/gpt-4o-mini" });
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    "a call": () => call("openai/gpt-4o-mini")(() => "Hi")(),
    "a call with a value": () => call("openai/gpt-4o-mini", { responseModel: z.string() })(() => "Hi")(),
    "a stream": async () => (await call("openai/gpt-4o-mini", { stream: true })(() => "Hi")()).response(),
    "a config with a model": () =>
      call("openai/gpt-4o-mini")(() => ({ messages: "Hi", model: "anthropic/claude-haiku-4-5" as const }))(),
    "complete()": () => model("anthropic/claude-haiku-4-5").complete("Hi"),
    "chat()": () => model("anthropic/claude-haiku-4-5").chat([user("Hi")]),
    "stream()": async () => (await model("anthropic/claude-haiku-4-5").stream("Hi")).response(),
    "a prompt class": () => new Word({ word: "Hi" }).run(call("openai/gpt-4o-mini")),
    "the gateway": () =>
      completion({ model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "Hi" }] }),
    "a session": () => session().send("Hi"),
    "a session's stream": async () => (await session().stream("Hi")).response(),
    "a call on a model of one's own": () => call(script([]))(() => "Hi")(),
  };

  test.each(Object.entries(ways))("%s", async (_, ask) => {
    const double = script(['{"value": "Momo"}']);
    await override({ model: double }, ask);
    expect(double.requests).toHaveLength(1);
  });
});

test("what the body returns is what the override returns, a promise or not", async () => {
  expect(override({ temperature: 0 }, () => 7)).toBe(7);
  expect(await override({ temperature: 0 }, async () => 8)).toBe(8);
});

test("a body that is no function is refused", () => {
  expect(() => override({ temperature: 0 }, "x" as never)).toThrow(/takes a function/);
});

test("settings out of range are refused at the call, and nothing is sent", async () => {
  const double = script(["x"]);
  const error = await errorOf(override({ temperature: Number.NaN }, () => call(double)(() => "Hi")()));
  expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("temperature") });
  expect(double.requests).toEqual([]);
});
