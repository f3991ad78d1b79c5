import { getEventListeners } from "node:events";
import { Anthropic } from "@anthropic-ai/sdk";
import { call } from "callwright";
import { OpenAI } from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { errorOf, onBothWires } from "./wires.js";

afterEach(() => vi.unstubAllEnvs());

// undici lets the event loop turn once before it uses a connection again, and opens a second one for who cannot wait.
const spare = 2;

onBothWires((wire) => {
  const hundred = Array.from({ length: 100 });

  test("100 calls one after the other share a connection or two, and leave no listener on the caller's signal", async () => {
    const { signal } = new AbortController();
    const ask = call(wire.reference, { ...wire.access, signal })(() => "Hi");
    for (const _ of hundred) await ask();
    expect(wire.server.requests.length).toBe(100);
    expect(wire.server.connections).toBeLessThanOrEqual(spare);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("100 streams one after the other share a connection or two, and leave no listener on the caller's signal", async () => {
    const { signal } = new AbortController();
    const ask = call(wire.reference, { ...wire.access, signal, stream: true })(() => "Hi");
    for (const _ of hundred) await (await ask()).response();
    expect(wire.server.connections).toBeLessThanOrEqual(spare);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("100 calls at once open no more connections than they are told, and use them again", async () => {
    const { signal } = new AbortController();
    const ask = call(wire.reference, { ...wire.access, signal, connections: 5 })(() => "Hi");
    await Promise.all(hundred.map(ask));
    await Promise.all(hundred.map(ask));
    expect(wire.server.requests.length).toBe(200);
    expect(wire.server.connections).toBeLessThanOrEqual(5);
    expect(wire.server.peakInFlight).toBeLessThanOrEqual(5);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("calls of different functions, models and options share the connections of their endpoint and key", async () => {
    const { apiKey } = wire.access;
    for (const [index] of hundred.entries()) {
      const options = { ...wire.access, apiKey: index < 50 ? apiKey : "sk-another", temperature: index % 2 };
      await call(`${wire.provider}/model-${index}`, options)(() => `question ${index}`)();
    }
    expect(wire.server.connections).toBeGreaterThan(1);
    expect(wire.server.connections).toBeLessThanOrEqual(2 * spare);
  });

  test("failed and aborted calls leave no listener either", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const ask = call(wire.reference, { ...wire.access, signal })(() => "Hi");
    wire.server.reply({ status: 400 });
    for (let count = 0; count < 10; count++) await errorOf(ask());
    expect(getEventListeners(signal, "abort")).toEqual([]);
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const waiting = Array.from({ length: 20 }, () => errorOf(ask()));
    await wire.server.arrived(10 + 20);
    // Node warns of a leak where a signal bears more than ten.
    expect(getEventListeners(signal, "abort").length).toBe(1);
    controller.abort();
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ name: "AbortedError" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  describe("a client of one's own", () => {
    /** The vendor's own client, with its own retries and a header that tells it apart. */
    function createClient(name: string) {
      const options = { ...wire.access, maxRetries: 2, defaultHeaders: { "x-client": name } };
      return wire.provider === "openai" ? new OpenAI(options) : new Anthropic(options);
    }
    const clientsAsked = () => wire.server.requests.map(({ headers }) => headers["x-client"]);

    test("sends the calls, plain and streamed", async () => {
      const client = createClient("mine");
      await call(wire.reference, { client })(() => "Hi")();
      const stream = await call(wire.reference, { client, stream: true })(() => "Hi")();
      expect((await stream.response()).content).toBe("Hello from the wire server.");
      expect(clientsAsked()).toEqual(["mine", "mine"]);
    });

    test("is not changed, and its own retries stay out of the way", async () => {
      const client = createClient("mine");
      wire.server.reply({ status: 400, headers: { "x-should-retry": "false" } });
      await errorOf(call(wire.reference, { client })(() => "Hi")());
      wire.server.reply({ status: 503, headers: { "retry-after-ms": "1" } });
      await errorOf(call(wire.reference, { client })(() => "Hi")());
      // One, and then the first try with two more; with two layers of retries there would be nine.
      expect(wire.server.requests.length).toBe(1 + 3);
      expect(client.maxRetries).toBe(2);
    });

    test("from a config sends that call only", async () => {
      const ask = call(wire.reference, wire.access)((client?: unknown) => ({ messages: "Hi", client }));
      await ask(createClient("mine"));
      await ask();
      expect(clientsAsked()).toEqual(["mine", undefined]);
    });

    test("that was given for one provider is not asked for another's model", async () => {
      const client = createClient("mine");
      vi.stubEnv(wire.other.variables.key, undefined);
      const ask = call(wire.reference, { client })(() => ({ messages: "Hi", model: wire.other.reference }));
      const error = await errorOf(ask());
      expect(error.message).toContain(wire.other.variables.key);
      expect(wire.server.requests).toEqual([]);
    });
  });
});

onBothWires((wire) => {
  afterEach(() => vi.unstubAllGlobals());

  test("a call in a browser or jsdom is a ConfigurationError that says what to do, since the page would show the key", async () => {
    vi.stubGlobal("window", { document: {} });
    vi.stubGlobal("document", {});
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0" });
    const error = await errorOf(call(wire.reference, { ...wire.access, apiKey: "sk-in-a-page" })(() => "Hi")());
    expect(error.code).toBe("configuration");
    expect(error.message).toMatch(/refuses to run in a browser or jsdom.*on a server/);
    expect(wire.server.requests).toHaveLength(0);
  });

  test("a missing key says how to try a call without one", async () => {
    vi.stubEnv(wire.variables.key, "");
    const error = await errorOf(call(wire.reference, { baseURL: wire.access.baseURL })(() => "Hi")());
    expect(error.message).toContain("run `npx callwright mock`");
  });
});
