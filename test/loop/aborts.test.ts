import { getEventListeners } from "node:events";
import { call, override, type ToolContext, tool } from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";
import { ask, type Way, ways } from "../tools/wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const never = () => new Promise<never>(() => {});
const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

/** A tool whose first run tells its signal, and then never ends. */
function waiting(timeoutMs?: number) {
  let begin = (_: AbortSignal) => {};
  const begun = new Promise<AbortSignal>((resolve) => {
    begin = resolve;
  });
  const work = tool({ name: "work", description: "Works", timeoutMs })((_: unknown, { signal }: ToolContext) => {
    begin(signal);
    return never();
  });
  return { begun, tools: [work] };
}

/** Resolves with the reason when a signal aborts. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason));
  });
}

const wantsWork = { toolCalls: [{ name: "work", args: {}, id: "call_1" }] };

describe.each(ways)("while a tool runs in the loop of %s", (_, way) => {
  test("the caller's abort reaches the tool's signal, and ends the call though the tool goes on", async () => {
    server.reply(wantsWork, { text: "Done." });
    const { begun, tools } = waiting();
    const controller = new AbortController();
    const asking = errorOf(ask(server, way, { tools, maxSteps: 3, signal: controller.signal }));
    const signal = await begun;
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await asking).toMatchObject({ name: "AbortedError", reason });
    expect(await aborted(signal)).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test("the time limit of the tool reaches its signal, and the model is told and answers", async () => {
    server.reply(wantsWork, { text: "It takes too long." });
    const { begun, tools } = waiting(20);
    const response = await ask(server, way, { tools, maxSteps: 3 });
    expect(response.content).toBe("It takes too long.");
    expect(await aborted(await begun)).toMatchObject({ name: "ToolError" });
    expect(JSON.stringify(server.requests[1]?.body)).toContain("took longer than 20 ms");
  });

  test("the total time limit of the call reaches the tool's signal, and is the error of the call", async () => {
    server.reply(wantsWork, { text: "Done." });
    const { begun, tools } = waiting();
    const error = await errorOf(ask(server, way, { tools, maxSteps: 3, timeouts: { totalMs: 500 } }));
    expect(error).toMatchObject({ name: "TimeoutError", phase: "total" });
    expect(await aborted(await begun)).toBe(error);
    expect(server.requests).toHaveLength(1);
  });

  test("a call that the tool makes is aborted with it, down to its socket", async () => {
    let arrive = () => {};
    const inner = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    server.reply(wantsWork, () => {
      arrive();
      return { delayMs: Number.POSITIVE_INFINITY };
    });
    const think = call(references[way.provider], server[way.provider])(() => "What now?");
    const outcomes: unknown[] = [];
    const work = tool({ name: "work", description: "Works" })(async () => {
      await think().catch((error) => outcomes.push(error));
    });
    const controller = new AbortController();
    const asking = errorOf(ask(server, way, { tools: [work], maxSteps: 3, signal: controller.signal }));
    await inner;
    controller.abort(new Error("enough"));
    expect(await asking).toMatchObject({ name: "AbortedError" });
    const request = server.requests[1]!;
    await request.closed;
    expect(request.aborted).toBe(true);
    expect(outcomes).toMatchObject([{ name: "AbortedError", reason: { message: "enough" } }]);
  });

  test("a call that the tool makes is aborted by the tool's own time limit, too", async () => {
    const replies = [wantsWork, { delayMs: Number.POSITIVE_INFINITY }, { text: "Never mind." }];
    server.reply(...replies);
    const think = call(references[way.provider], server[way.provider])(() => "What now?");
    const work = tool({ name: "work", description: "Works", timeoutMs: 100 })(() => think());
    expect((await ask(server, way, { tools: [work], maxSteps: 2 })).content).toBe("Never mind.");
    await server.requests[1]!.closed;
    expect(server.requests[1]?.aborted).toBe(true);
  });
});

describe.each<Way["provider"]>(["openai", "anthropic"])("while a tool runs in a stream of %s", (provider) => {
  const open = async () => {
    server.reply(wantsWork, { text: "Done." });
    const { begun, tools } = waiting();
    const options = { ...server[provider], tools, maxSteps: 3, stream: true } as const;
    const stream = await call(references[provider], options)(() => "Work.")();
    const loop = errorOf(async () => {
      for await (const _ of stream);
    });
    return { stream, loop, signal: await begun };
  };

  test("abort() reaches the tool's signal and ends the loop", async () => {
    const { stream, loop, signal } = await open();
    const reason = new Error("enough");
    stream.abort(reason);
    expect(await loop).toMatchObject({ name: "AbortedError", reason });
    await aborted(signal);
    expect(server.requests).toHaveLength(1);
  });

  test("disposal does as well", async () => {
    const { stream, loop, signal } = await open();
    await stream[Symbol.asyncDispose]();
    expect(await loop).toMatchObject({ name: "StreamInterruptedError" });
    await aborted(signal);
  });
});

test.each(ways)("after the loop of %s, no listener stays on the caller's signal", async (_, way) => {
  const work = tool({ name: "work", description: "Works" })(() => "done");
  const { signal } = new AbortController();
  server.reply(wantsWork, wantsWork, { text: "Done." });
  await ask(server, way, { tools: [work], maxSteps: 3, signal });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("the tools of a call run in the override that is around it", async () => {
  const inner = call("openai/gpt-4o-mini")(() => "What now?");
  const work = tool({ name: "work", description: "Works" })(async () => (await inner()).content);
  const outer = call("anthropic/claude-haiku-4-5", { tools: [work], maxSteps: 2 })(() => "Work.");
  const double = script([wantsWork, "from inside", "from outside"]);
  const response = await override({ model: double }, () => outer());
  expect(response.content).toBe("from outside");
  expect(JSON.stringify(double.requests[2]?.messages)).toContain("from inside");
});
