import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type WireReply, type WireRequest, wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { compile } from "./processes/compile.js";

const root = fileURLToPath(new URL("..", import.meta.url));

const script = compile("polluted.ts");

/** What the script in processes/polluted.ts saw, and what it sent, where these members stand on `Object.prototype`. */
async function run(reference: string, polluted: Readonly<Record<string, unknown>>) {
  await using server = await wireServer();
  server.reply(answer);
  const access = server[reference.startsWith("openai") ? "openai" : "anthropic"];
  const args = [script, reference, JSON.stringify(access), JSON.stringify(polluted)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
  const sent = server.requests.map(({ path, headers, body }) => ({
    path,
    body,
    key: [headers.authorization, headers["x-api-key"]],
    headers: Object.keys(headers).sort(),
  }));
  // Ids are made up anew each time.
  return JSON.parse(JSON.stringify({ seen: stdout, sent }).replaceAll(/(call|toolu)_\w+/g, "an id"));
}

function answer({ body }: WireRequest): WireReply {
  const said = JSON.stringify(body.messages);
  if (said.includes("Fail")) return { status: 500, json: { error: { message: "No" } } };
  if (said.includes("A value")) return { text: '{"a":"x"}' };
  if (body.tools && !said.includes("saw")) return { toolCalls: [{ name: "look", args: { at: "sea" } }] };
  return { text: ["Hel", "lo"] };
}

const options = {
  ...{ temperature: 0.9, maxTokens: 7, topP: 0.3, topK: 3, stop: ["x"], seed: 9, frequencyPenalty: 1 },
  ...{ presencePenalty: 1, reasoningEffort: "high", extraBody: { evil: 1 }, headers: { "x-evil": "1" } },
  ...{ system: "EVIL", tools: [], toolChoice: "none", parallelToolCalls: false, timeouts: { totalMs: 1 }, totalMs: 1 },
  ...{ price: { input: 1e9, output: 1e9 }, cachedInput: 1e9, metadata: { evil: 1 }, use: ["a function"] },
  ...{ apiKey: "evil", authToken: "evil", baseURL: "http://127.0.0.1:1", client: {}, fetch: "a function" },
  ...{ connections: 1, api: "responses", stream: true, responseModel: {}, outputMode: "text", reask: 9 },
  ...{
    outputParser: "a function",
    maxSteps: 1,
    messages: [{ role: "user", content: "EVIL" }],
    computed: {},
    params: {},
  },
};
const ofMiddleware = {
  ...{ retries: 1e9, delayMs: "a function", maxRetryAfterMs: 0, on: "a function", requestsPerMinute: 1, failures: 1 },
  ...{
    tokensPerMinute: 1,
    concurrency: 1,
    windowMs: 1,
    cooldownMs: 1,
    ttlMs: 1,
    store: {},
    maxEntries: 1,
    maxWaiting: 1,
    usd: 1e-9,
  },
  ...{ cached: true, ifSlow: { afterMs: 1 }, limitsSilence: true, limit: "a function", weigh: "a function" },
  ...{ whyRefused: "a function", onProgress: "a function" },
  ...{ tokens: 1, settle: true, keepSystem: false, maxMessages: 1, collect: false, firstEventMs: 1, idleMs: 1 },
};
const ofParts = {
  ...{ detail: "low", mediaType: "image/gif", ttl: "1h", isError: true, strict: true, input: {}, timeoutMs: 1 },
  ...{ name: "evil", role: "system", text: "EVIL", cache_control: { evil: 1 }, $bytes: "AAAA", $url: "x" },
};
const ofWires = {
  ...{ tool_calls: [{ id: "evil", function: { name: "evil", arguments: "{}" } }], refusal: "EVIL", id: "evil" },
  ...{ reasoning_content: "EVIL", reasoning: "EVIL", usage: { prompt_tokens: 99, input_tokens: 99 }, content: "EVIL" },
  ...{ finish_reason: "length", stop_reason: "refusal", stop_details: { explanation: "EVIL" }, choices: [], index: 5 },
  ...{ delta: { content: "EVIL" }, message: { content: "EVIL" }, x_groq: { usage: {} }, signature: "EVIL" },
  ...{ thinking: "EVIL", extra_content: "EVIL", fields: {}, images: false, streamOptions: false, keyHeader: "x-evil" },
};

describe.each(["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"])("calls of %s", { timeout: 60_000 }, (reference) => {
  const clean = run(reference, {});

  test.each([
    ["options of calls", options],
    ["options of middleware", ofMiddleware],
    ["members of messages and parts", ofParts],
    ["members of the wire", ofWires],
  ])("are the same where %s stand on Object.prototype before the import", async (_, polluted) => {
    expect(await run(reference, polluted)).toEqual(await clean);
  });

  test("in the clean process ask in every way", async () => {
    const { seen, sent } = await clean;
    expect(JSON.parse(seen)).toContainEqual(["ServerError", expect.stringContaining("answered 500: No")]);
    expect(sent).toHaveLength(15);
  });
});
