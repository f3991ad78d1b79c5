import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  type CallSettings,
  call,
  type Middleware,
  type ModelOptions,
  model,
  openai,
  system,
  tool,
  user,
} from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires, turnsOf } from "./calls/wires.js";
import { compile } from "./processes/compile.js";

onBothWires((wire) => {
  const make = (options: ModelOptions = {}) => model(wire.reference, { ...wire.access, ...options });
  const lastTemperature = () => wire.body.temperature;

  test("complete, chat and stream send equal bodies, apart from the flags of a stream", async () => {
    const look = tool({ name: "look", description: "Looks", input: z.object({ at: z.string() }) })(() => "");
    const options = { system: "Be brief.", temperature: 0, maxTokens: 7, tools: [look], toolChoice: "auto" } as const;
    const own = make(options);
    await own.complete("Hi");
    await own.chat([user("Hi")]);
    await own.stream("Hi");
    await own.stream(user("Hi"));
    await own.stream([user("Hi")]);
    const bodies = wire.server.requests.map(({ body }) => body);
    const [first, ...others] = bodies.map(({ stream, stream_options, ...rest }) => rest);
    expect(others).toEqual([first, first, first, first]);
    expect(bodies.map(({ stream }) => stream)).toEqual([false, false, true, true, true]);
    expect(first).toMatchObject({ temperature: 0 });
    expect(first.tools).toHaveLength(1);
    expect(turnsOf(first)).toEqual([
      ["system", "Be brief."],
      ["user", "Hi"],
    ]);
  });

  test("a call sends the same body as the model with its options", async () => {
    const options = { ...wire.access, temperature: 0, stop: ["END"] };
    await model(wire.reference, options).complete("Hi");
    await call(wire.reference, options)(() => "Hi")();
    await call(model(wire.reference, options))(() => "Hi")();
    const [first, ...others] = wire.server.requests.map(({ body }) => body);
    expect(others).toEqual([first, first]);
  });

  test("settings of one request win over those of the model, for that request only", async () => {
    const own = make({ temperature: 0.5, system: "Be brief." });
    const settings: CallSettings = { temperature: 0, system: "Be long." };
    await own.complete("Hi", settings);
    expect([lastTemperature(), turnsOf(wire.body)[0]]).toEqual([0, ["system", "Be long."]]);
    await own.chat([user("Hi")], settings);
    expect(lastTemperature()).toBe(0);
    await own.stream("Hi", settings);
    expect(lastTemperature()).toBe(0);
    await own.complete("Hi", { temperature: undefined });
    expect([lastTemperature(), turnsOf(wire.body)[0]]).toEqual([0.5, ["system", "Be brief."]]);
  });

  test("with() makes another model, and leaves this one as it is", async () => {
    const names: string[] = [];
    const note =
      (name: string): Middleware =>
      (inner) => ({
        id: inner.id,
        run(request) {
          names.push(name);
          return inner.run(request);
        },
      });
    const own = make({ temperature: 0.5, use: [note("own")] });
    const other = own.with({ temperature: 0, use: [note("other")] });
    await other.complete("Hi");
    expect([lastTemperature(), names.splice(0)]).toEqual([0, ["other", "own"]]);
    await own.complete("Hi");
    expect([lastTemperature(), names]).toEqual([0.5, ["own"]]);
  });

  test("it stands wherever a model can, with its options as the lowest of all", async () => {
    const own = make({ temperature: 0.1, topP: 0.2, maxTokens: 7 });
    await call(own, { temperature: 0.5 })(() => ({ messages: "Hi", params: { maxTokens: 9 } }))();
    expect(wire.body).toMatchObject({ temperature: 0.5, top_p: 0.2 });
    expect(wire.body.max_completion_tokens ?? wire.body.max_tokens).toBe(9);
    await model(own, { temperature: 0.7 }).complete("Hi");
    expect(wire.body).toMatchObject({ temperature: 0.7, top_p: 0.2 });
    await call("openai/never-asked", { apiKey: "sk-other" })(() => ({ messages: "Hi", model: own }))();
    expect(wire.body).toMatchObject({ temperature: 0.1, model: wire.name });
  });

  test("a model within another answers with its own parameters", async () => {
    const own = make({ temperature: 0.1 });
    const wrapped = { id: "own/wrapped", run: (request: any) => own.run(request) };
    expect((await call(wrapped)(() => "Hi")()).content).toBe("Hello from the wire server.");
    expect(lastTemperature()).toBe(0.1);
  });

  test("its response has no tools run, since it has no steps; resume() runs them", async () => {
    const look = tool({ name: "look", description: "Looks" })(() => "a book");
    wire.server.reply({ toolCalls: [{ name: "look", args: {} }] }, { text: "It is a book." });
    const response = await make({ tools: [look] }).complete("What is there?");
    expect(response.toolCalls).toHaveLength(1);
    expect((await response.resume()).content).toBe("It is a book.");
  });

  describe("stream()", () => {
    test("sends its request at once, and may be iterated without await", async () => {
      wire.server.reply({ text: ["Hel", "lo"] });
      const stream = make().stream("Hi");
      await wire.server.arrived();
      let text = "";
      for await (const [chunk] of stream) text += chunk.content;
      expect(text).toBe("Hello");
    });

    test("may be awaited, which throws what the provider refuses", async () => {
      wire.server.reply({ status: 401 });
      expect(await errorOf(make().stream("Hi"))).toMatchObject({ name: "AuthenticationError" });
    });

    test("throws a refusal in the loop where it is iterated without await", async () => {
      wire.server.reply({ status: 401 });
      const stream = make().stream("Hi");
      const error = await errorOf(async () => {
        for await (const _ of stream);
      });
      expect(error).toMatchObject({ name: "AuthenticationError" });
    });

    test("is aborted before the provider has answered, which closes the connection", async () => {
      wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
      const stream = make().stream("Hi");
      const request = await wire.server.arrived();
      stream.abort("enough");
      expect(await errorOf(stream)).toMatchObject({ name: "AbortedError", reason: "enough" });
      await request.closed;
      expect(request.aborted).toBe(true);
    });

    test("is aborted while it is read", async () => {
      wire.server.reply({ text: ["Hel", "lo"], hangAfter: Number.POSITIVE_INFINITY });
      const stream = make().stream("Hi");
      const error = await errorOf(async () => {
        for await (const [chunk] of stream) if (chunk.content) stream.abort("enough");
      });
      expect(error).toMatchObject({ name: "AbortedError", reason: "enough" });
    });

    test("is left by a break, which closes the connection", async () => {
      wire.server.reply({ text: ["Hel", "lo"], hangAfter: Number.POSITIVE_INFINITY });
      for await (const [chunk] of make().stream("Hi")) if (chunk.content) break;
      await wire.server.requests[0]!.closed;
      expect(wire.server.requests[0]?.aborted).toBe(true);
    });

    test("that is refused and that nobody looks at is no unhandled rejection", async () => {
      const unhandled = vi.fn();
      process.on("unhandledRejection", unhandled);
      wire.server.reply({ status: 401 });
      make().stream("Hi");
      await (await wire.server.arrived()).closed;
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      process.off("unhandledRejection", unhandled);
      expect(unhandled).not.toHaveBeenCalled();
    });
  });

  describe("close()", () => {
    test("closes the sockets, and a later request opens new ones", async () => {
      const own = make();
      await own.complete("Hi");
      expect(wire.server.openConnections).toBe(1);
      await own.close();
      await expect.poll(() => wire.server.openConnections).toBe(0);
      await own.complete("Hi");
      expect(wire.server.connections).toBe(2);
      await own.close();
    });

    test("waits for requests under way, and lets them finish", async () => {
      let answer = (_: string) => {};
      const answered = new Promise<string>((resolve) => {
        answer = resolve;
      });
      wire.server.reply(async () => ({ text: await answered }));
      const own = make();
      const asking = own.complete("Hi");
      await wire.server.arrived();
      const closing = own.close();
      answer("late");
      expect((await asking).content).toBe("late");
      await closing;
      await expect.poll(() => wire.server.openConnections).toBe(0);
    });

    test("may be called before any request, and twice", async () => {
      const own = make();
      await own.close();
      await own[Symbol.asyncDispose]();
      expect(wire.server.connections).toBe(0);
    });

    test("leaves models of other keys their connections", async () => {
      const [own, other] = [make(), make({ apiKey: "sk-other" })];
      await Promise.all([own.complete("Hi"), other.complete("Hi")]);
      await own.close();
      await expect.poll(() => wire.server.openConnections).toBe(1);
      await other.complete("Hi");
      expect(wire.server.connections).toBe(2);
      await other.close();
    });
  });

  test("a script that does nothing but ask, with `await using`, closes its sockets and is over at once", async () => {
    const file = compile("await-using.ts");
    const env = { ...process.env, REFERENCE: wire.reference, ACCESS: JSON.stringify(wire.access) };
    const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (data) => {
      printed += data;
    });
    expect((await once(child, "close"))[0]).toBe(0);
    const [answer, waited] = printed.trim().split("\n");
    expect(answer).toBe("Hello from the wire server.");
    // Sockets that are kept alive would hold it for 4 s.
    expect(Number(waited)).toBeLessThan(3000);
    await expect.poll(() => wire.server.openConnections).toBe(0);
  }, 60_000);
});

test("the id of a model is that of its reference, whatever stands around it", () => {
  expect(model("openai/org/m:free").id).toBe("openai/org/m:free");
  expect(openai.model("gpt-4o-mini").id).toBe("openai/gpt-4o-mini");
  expect(model(model(script([]))).id).toBe("script/model");
});

test.each<readonly [string, () => unknown, string]>([
  ["a reference without a provider", () => model("gpt-4o" as never), "UnsupportedProviderError"],
  ["a value out of range", () => model("openai/m", { maxTokens: 0 }), "ConfigurationError"],
  ["a value out of range in with()", () => model("openai/m").with({ maxTokens: 0 }), "ConfigurationError"],
  ["no model at all", () => model(undefined as never), "ConfigurationError"],
  ["a client for a model of one's own", () => model(script([]), { client: {} }), "ConfigurationError"],
])("%s is refused where the model is made", async (_, make, name) => {
  expect(await errorOf(make)).toMatchObject({ name });
});

test("an input that is no message is refused before anything is sent", async () => {
  const double = script(["x"]);
  for (const input of [[{ role: "user" }], [5], { text: "Hi" }, null])
    expect(await errorOf(model(double).stream(input as never))).toMatchObject({ name: "ConfigurationError" });
  expect(double.requests).toEqual([]);
});

test("the messages that are given are sent as they are, and not changed", async () => {
  const double = script(["x"]);
  const messages = Object.freeze([system("Be brief."), user("Hi")]);
  await model(double).chat(messages);
  expect(double.requests[0]?.messages).toEqual(messages);
});
