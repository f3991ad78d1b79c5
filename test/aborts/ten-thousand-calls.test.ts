import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRun } from "../properties/runs.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** How many calls run at the same time; a hundred times, one after the other. */
const atOnce = everyRun ? 100 : 20;
const calls = 100 * atOnce;
let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/**
 * Runs an ES module with the built package in a process of its own, so that its memory and its sockets are the
 * client's alone; the server is here. It gives the last thing that the process says of itself, as JSON.
 */
async function run(body: string): Promise<any> {
  const code = `
    import { getEventListeners } from "node:events";
    import { call, model, retry } from "callwright";
    const access = ${JSON.stringify({ openai: server.openai, anthropic: server.anthropic })};
    const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" };
    let unhandled = 0;
    process.on("unhandledRejection", (reason) => { unhandled++; console.error(reason); });
    ${body}
  `;
  const flags = ["--expose-gc", "--trace-warnings", "--input-type=module", "--eval", code];
  const child = spawn(process.execPath, flags, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let [said, complaints] = ["", ""];
  child.stdout.on("data", (text) => {
    said += text;
  });
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  const [status] = await once(child, "close");
  expect([status, complaints]).toEqual([0, ""]);
  return JSON.parse(said);
}

test(`${calls} calls on one signal leave no listener on it, and no memory`, async () => {
  const text = ["one ", "two ", "three"];
  server.reply({ text });
  const { listeners, heap, unhandled } = await run(`
    const { signal } = new AbortController();
    const asks = Object.keys(access).flatMap((provider) => [false, true].map((stream) =>
      call(references[provider], { ...access[provider], signal, stream })(() => "Hi")));
    const one = async (index) => {
      const answer = await asks[index % asks.length]();
      // Streams are read, left by a break, aborted, and asked for their response.
      if (!("textStream" in answer)) return;
      const way = Math.floor(index / asks.length) % 4;
      if (way === 0) for await (const _ of answer);
      else if (way === 1) for await (const _ of answer) break;
      else if (way === 2) answer.abort();
      else await answer.response();
    };
    let listeners = 0;
    const heap = [];
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(Array.from({ length: ${atOnce} }, (_, index) => one(index)));
      listeners += getEventListeners(signal, "abort").length;
      // What was left is closed in the next turns of the loop.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      gc();
      heap.push(process.memoryUsage().heapUsed);
    }
    console.log(JSON.stringify({ listeners, heap, unhandled }));
  `);
  expect([listeners, unhandled]).toEqual([0, 0]);
  // Bytes for each call, once all code has been compiled.
  expect(slopeOf(heap.slice(40)) / atOnce).toBeLessThan(1000);
  expect(server.requests).toHaveLength(calls);
}, 120_000);

/** How much figures grow from one to the next, by least squares. */
function slopeOf(figures: readonly number[]): number {
  const middle = (figures.length - 1) / 2;
  const weighted = figures.reduce((sum, figure, index) => sum + (index - middle) * figure, 0);
  return weighted / figures.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
}

/** Numbers that look like chance and are the same in every run. Its text runs in the other process, too. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test(`${calls} calls with aborts, time limits and faults by chance leave no rejection, no listener and no socket`, async () => {
  const next = chance(7);
  const text = ["one ", "two ", "three"];
  const replies: readonly WireReply[] = [
    { text },
    { text },
    { text, gapMs: 1 },
    { text, delayMs: 3 },
    { delayMs: Number.POSITIVE_INFINITY },
    { text, hangAfter: 2 },
    { text, cutAfter: 2 },
    { text, endAfter: 2 },
    { text, errorAfter: 2 },
    { drop: "reset" },
    { drop: "end" },
    { status: 429, headers: { "retry-after-ms": "2" } },
    { status: 500 },
    { status: 529 },
    { status: 400 },
    { raw: "<html>" },
    { toolCalls: [{ name: "look", args: "{" }] },
  ];
  server.reply(({ body }) =>
    JSON.stringify(body).includes("calm") ? { text } : (replies[next(replies.length)] as WireReply),
  );
  const { ends, listeners, unhandled, sockets } = await run(`
    const next = (${chance})(11);
    const models = Object.keys(access).map((provider) => model(references[provider], access[provider]));
    const use = [retry({ retries: 1, delayMs: () => next(5) })];
    const asks = Object.keys(access).flatMap((provider) => [false, true].map((stream) => (settings, calm) =>
      call(references[provider], { ...access[provider], ...settings, use, stream })(() => calm ? "Be calm" : "Hi")()));
    const ends = {};
    const one = async (signal) => {
      // A busy machine may end all others by their time limits: these have none, and a server that answers at once.
      const calm = next(8) === 0;
      const hasty = { timeouts: { totalMs: 20 + next(60), idleMs: 15, firstEventMs: 15 }, ...(next(4) > 0 && { signal }) };
      try {
        const answer = await asks[next(asks.length)](calm ? {} : hasty, calm);
        if (!("textStream" in answer)) return "answer";
        const way = next(5);
        if (way === 0) answer.abort();
        if (way === 1) return await answer[Symbol.asyncDispose](), "disposed";
        if (way === 2) for await (const _ of answer) break;
        else for await (const _ of answer);
        return "stream";
      } catch (error) {
        return error.code ?? String(error);
      }
    };
    let listeners = 0;
    for (let batch = 0; batch < 100; batch++) {
      const controller = new AbortController();
      const all = Array.from({ length: ${atOnce} }, () => one(controller.signal));
      const timer = setTimeout(() => controller.abort(new Error("enough")), next(60));
      for (const end of await Promise.all(all)) ends[end] = (ends[end] ?? 0) + 1;
      clearTimeout(timer);
      listeners += getEventListeners(controller.signal, "abort").length;
    }
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    await Promise.all(models.map((each) => each.close()));
    for (let wait = 0; sockets() > 0 && wait < 500; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(JSON.stringify({ ends, listeners, unhandled, sockets: sockets() }));
  `);
  expect([listeners, unhandled, sockets]).toEqual([0, 0, 0]);
  // Whatever happened has a name.
  const { answer, stream, disposed, aborted, timeout, ...others } = ends;
  for (const count of [answer, stream, disposed, aborted, timeout]) expect(count).toBeGreaterThan(0);
  const known = "bad_request connection overloaded rate_limit server stream_interrupted unexpected_response";
  expect(known.split(" ")).toEqual(expect.arrayContaining(Object.keys(others)));
  await Promise.all(server.requests.map(({ closed }) => closed));
  expect(server.openConnections).toBe(0);
}, 120_000);
