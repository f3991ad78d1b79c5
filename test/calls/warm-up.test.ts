import {
  type Access,
  call,
  fallback,
  type Middleware,
  model as modelOf,
  rateLimit,
  registerProvider,
  retry,
  timeout,
  type Usage,
  warmUp,
} from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import type { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { costOf } from "../../src/pricing.js";
import type { ClientOptions } from "../../src/providers/clients.js";
import { createOpenai } from "../../src/providers/openai/client.js";
import { decodeChat } from "../../src/providers/openai/decode.js";
import { chatDecoder } from "../../src/providers/openai/decode-stream.js";
import { encodeChat } from "../../src/providers/openai/encode.js";
import { openaiPreset } from "../../src/providers/presets/presets.js";
import { sdkModel } from "../../src/providers/sdk-model.js";
import { elapse } from "../faults/virtual-clock.js";
import { finish } from "../resilience/models.js";
import { errorOf } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await server.close();
});

// First, while nothing has loaded the price table.
test("warmUp() loads SDK, transport and prices, and sends nothing", async () => {
  const used = finish(1_000_000, 0) as { usage: Usage };
  expect(costOf("openai", "gpt-4o-mini", used.usage)).toBeUndefined();
  expect(await warmUp("openai/gpt-4o-mini", server.openai)).toBeUndefined();
  expect(costOf("openai", "gpt-4o-mini", used.usage)).toBeGreaterThan(0);
  await warmUp("anthropic/claude-haiku-4-5", server.anthropic);
  expect([server.connections, server.requests.length]).toEqual([0, 0]);
});

test("warmUp() fails as the first call would", async () => {
  vi.stubEnv("OPENAI_API_KEY", "");
  expect(await errorOf(warmUp("openai/gpt-4o-mini"))).toMatchObject({ code: "configuration" });
  expect(await errorOf(warmUp("opnai/gpt-4o-mini"))).toMatchObject({ code: "unsupported_provider" });
});

test("warmUp() has nothing to load for a client or a provider of the caller's own", async () => {
  registerProvider("warm", () => script(["Hello"]));
  await warmUp("warm/one");
  await warmUp("openai/gpt-4o-mini", { client: {} });
});

/** A model of a provider whose SDK takes a long time to load, and how often it was loaded. */
function slowToLoad(access: Access) {
  const waiting: (() => void)[] = [];
  let loads = 0;
  const made = sdkModel<OpenAI>("gpt-4o-mini", access, {
    provider: "openai",
    requestIdHeader: "x-request-id",
    endpointOf: (given) => given as { apiKey: string; baseURL: string },
    async createClient(options: ClientOptions) {
      loads++;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return createOpenai(openaiPreset, options);
    },
    holdsOutput: () => true,
    encode: (request, warn) => encodeChat(openaiPreset, "gpt-4o-mini", request, warn),
    create: (client, body, options) => client.chat.completions.create(body, options),
    decodeBody: (body, emit, answer) => decodeChat(openaiPreset, body, emit, answer),
    streamDecoder: (emit, maxToolCalls) => chatDecoder(openaiPreset, emit, maxToolCalls),
  });
  return { made, loads: () => loads, load: () => waiting.splice(0).map((resolve) => resolve()) };
}

let keys = 0;
/** A key of its own has a client of its own, which is loaded anew. */
const anew = () => ({ ...server.openai, apiKey: `sk-warm-${++keys}` });

test("what warmUp() loaded is not loaded again by a call", async () => {
  const { made, loads, load } = slowToLoad(anew());
  registerProvider("slowly", () => made);
  const warm = warmUp("slowly/one");
  await expect.poll(loads).toBe(1);
  load();
  await warm;
  expect((await call("slowly/one")(() => "Hi")()).content).toBe("Hello from the wire server.");
  expect(loads()).toBe(1);
});

const short = { firstEventMs: 300, idleMs: 300 };
const soon = retry({ delayMs: () => 1 });
const ways: readonly (readonly [string, { readonly timeouts?: object; readonly use?: readonly Middleware[] }])[] = [
  ["the call's firstEventMs", { timeouts: short }],
  ["timeout()", { use: [timeout(short)] }],
  ["timeout() to the right of a retry", { use: [soon, timeout(short)] }],
  ["timeout() to the left of a retry", { use: [timeout(short), soon] }],
  ["timeout() around other middleware", { use: [timeout(short), rateLimit({ concurrency: 1 }), fallback("openai/x")] }],
  [
    "two timeout()s",
    { use: [timeout(short), (inner) => ({ id: inner.id, run: (request) => inner.run(request) }), timeout(short)] },
  ],
];

describe.each(ways)("%s", (_, options) => {
  beforeEach(() => {
    vi.stubEnv("OPENAI_API_KEY", "sk-1");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });

  test("does not count the time in which an SDK is loaded", async () => {
    const { made, loads, load } = slowToLoad(anew());
    const opened = call(modelOf(made), { ...options, stream: true })(() => "Hi")();
    await vi.waitFor(() => expect(loads()).toBe(1));
    await vi.advanceTimersByTimeAsync(60_000);
    load();
    const answer = opened.then((stream) => stream.response());
    expect((await answer).content).toBe("Hello from the wire server.");
  });

  test("counts from the hand-over on", async () => {
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const { made, loads, load } = slowToLoad(anew());
    const settings = { ...options, use: options.use ?? [retry({ retries: 0 })] };
    const opened = errorOf(call(modelOf(made), { ...settings, stream: true })(() => "Hi")());
    await vi.waitFor(() => expect(loads()).toBe(1));
    await vi.advanceTimersByTimeAsync(60_000);
    load();
    const error = await elapse(opened, server);
    expect(error.errors?.[0] ?? error).toMatchObject({ code: "timeout", phase: "first-event" });
  });
});

test("the time in which an SDK is loaded counts for totalMs", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const { made, loads } = slowToLoad(anew());
  const late = errorOf(call(made, { timeouts: { totalMs: 1000 } })(() => "Hi")());
  await vi.waitFor(() => expect(loads()).toBe(1));
  await vi.advanceTimersByTimeAsync(1001);
  expect(await late).toMatchObject({ code: "timeout", phase: "total" });
  expect(server.requests).toHaveLength(0);
});
