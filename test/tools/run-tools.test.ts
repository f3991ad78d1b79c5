import { AbortedError, BaseTool, type Message, type ToolContext, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, resultsOf, sendResults, type Way, ways } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const input = z.object({ step: z.number() });

/** A response that asks for one tool so many times, with the steps 0, 1, 2 … as arguments. */
function askFor(way: Way, count: number, run: (step: number, context: ToolContext) => unknown, timeoutMs?: number) {
  const work = tool({ name: "work", description: "Works", input, timeoutMs })(({ step }, context) =>
    run(step, context),
  );
  const toolCalls = Array.from({ length: count }, (_, step) => ({ name: "work", args: { step }, id: `call_${step}` }));
  server.reply({ toolCalls });
  return ask(server, way, { tools: [work] });
}

const contents = (messages: readonly Message[]) => messages.map(({ content }) => (content as any)[0].content);

describe.each(ways)("the tools of a response of %s", (_, way) => {
  test("run at the same time: each waits here for all others to have begun", async () => {
    let begun = 0;
    const all = gate<void>();
    const response = await askFor(way, 5, async () => {
      if (++begun === 5) all.resolve();
      await all.promise;
    });
    expect(await response.runTools()).toHaveLength(5);
  });

  test("give their results in the order of the calls and with the calls' ids, whichever is done first", async () => {
    const done: number[] = [];
    const gates = Array.from({ length: 3 }, () => gate<void>());
    const response = await askFor(way, 3, async (step) => {
      if (step < 2) await gates[step + 1]!.promise;
      done.push(step);
      gates[step]!.resolve();
      return `step ${step}`;
    });
    const messages = await response.runTools();
    expect(done).toEqual([2, 1, 0]);
    expect(messages).toEqual(
      [0, 1, 2].map((step) => ({
        role: "tool",
        content: [{ type: "tool-result", id: `call_${step}`, name: "work", content: `step ${step}` }],
      })),
    );
  });

  test.each([
    [1, 1],
    [2, 2],
    [100, 6],
  ])("with concurrency: %d, at most %d run at once and all are run", async (concurrency, most) => {
    let running = 0;
    let peak = 0;
    const response = await askFor(way, 6, async () => {
      peak = Math.max(peak, ++running);
      await new Promise(setImmediate);
      running--;
    });
    expect(await response.runTools({ concurrency })).toHaveLength(6);
    expect(peak).toBe(most);
  });

  test("see the call's id, a signal, and the conversation up to the model's turn", async () => {
    const seen: ToolContext[] = [];
    class Look extends BaseTool.of({ step: z.number() }) {
      override call(context?: ToolContext) {
        seen.push(context!);
      }
    }
    server.reply({ toolCalls: [{ name: "Look", args: { step: 1 }, id: "call_a" }] });
    const response = await ask(server, way, { tools: [Look], system: "Be brief." }, "Look.");
    await response.runTools();
    expect(seen).toMatchObject([
      {
        callId: "call_a",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Look." },
          { role: "assistant", content: [{ type: "tool-call", id: "call_a" }] },
        ],
      },
    ]);
    expect(seen[0]?.messages).toEqual(response.messages);
    expect(seen[0]?.signal.aborted).toBe(false);
  });

  test("that fail give an error result with the original id, and the others run on", async () => {
    const response = await askFor(way, 3, (step) => {
      if (step === 0) throw new Error("The shop is closed.");
      if (step === 1) return Promise.reject(new TypeError("No stock."));
      return "fine";
    });
    const request = await sendResults(server, way, response);
    expect(resultsOf(request)).toEqual([
      { id: "call_0", content: "The shop is closed.", isError: true },
      { id: "call_1", content: "No stock.", isError: true },
      { id: "call_2", content: "fine", isError: false },
    ]);
  });

  test.each([
    ["a string", "It broke.", "It broke."],
    ["an error without a message", new RangeError(), "RangeError"],
    ["an error made of an object", new Error({} as never), "Error"],
    ["an object with a message", { message: "It broke." }, "It broke."],
    ["an object without one", { status: 503 }, '{"status":503}'],
    ["a number", 7, "7"],
    ["undefined", undefined, "It failed and did not say why."],
    ["null", null, "It failed and did not say why."],
    ["an empty string", "", "It failed and did not say why."],
    ["a function", () => "secret", "It failed and did not say why."],
    ["a cycle", cycle(), "It failed and did not say why."],
  ])("that throw %s say it in words", async (_, thrown, words) => {
    const response = await askFor(way, 1, () => {
      throw thrown;
    });
    const [result] = resultsOf(await sendResults(server, way, response));
    expect(result).toEqual({ id: "call_0", content: words, isError: true });
  });

  test("of calls that are not valid are not run, and say to the model what was wrong", async () => {
    server.reply({
      toolCalls: [
        { name: "work", args: { step: "one" }, id: "wrong" },
        { name: "work", args: '{"step":', id: "broken" },
        { name: "wrok", args: { step: 1 }, id: "unknown" },
        { name: "work", args: { step: 1 }, id: "right" },
      ],
    });
    const ran: number[] = [];
    const work = tool({ name: "work", description: "Works", input })(({ step }) => void ran.push(step));
    const response = await ask(server, way, { tools: [work] });
    const request = await sendResults(server, way, response);
    expect(ran).toEqual([1]);
    expect(resultsOf(request)).toEqual([
      { id: "wrong", content: expect.stringMatching(/^The arguments are invalid:\nstep: /), isError: true },
      { id: "broken", content: expect.stringMatching(/no JSON/), isError: true },
      { id: "unknown", content: 'There is no tool "wrok". The tools are: work.', isError: true },
      { id: "right", content: "", isError: false },
    ]);
  });

  test("that take longer than their timeoutMs are aborted and give an error result", async () => {
    const aborted = gate<unknown>();
    const response = await askFor(
      way,
      1,
      (_, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason));
        return new Promise(() => {});
      },
      20,
    );
    const [result] = resultsOf(await sendResults(server, way, response));
    expect(result).toEqual({ id: "call_0", content: "The tool work took longer than 20 ms.", isError: true });
    expect(await aborted.promise).toMatchObject({ code: "tool", toolCall: { id: "call_0" } });
  });

  test("learn of an abort by their signal, and runTools rejects at once though they go on", async () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    const response = await askFor(way, 2, (_, { signal }) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return new Promise(() => {});
    });
    const running = response.runTools({ signal: controller.signal });
    controller.abort("enough");
    await expect(running).rejects.toThrow(AbortedError);
    await expect(running).rejects.toMatchObject({ reason: "enough" });
    expect(reasons).toEqual(["enough", "enough"]);
  });

  test("are not begun once the signal has aborted", async () => {
    const ran: number[] = [];
    const controller = new AbortController();
    const response = await askFor(way, 3, (step) => {
      ran.push(step);
      controller.abort("enough");
      return new Promise(() => {});
    });
    const running = response.runTools({ signal: controller.signal, concurrency: 1 });
    await expect(running).rejects.toThrow(AbortedError);
    await expect(response.runTools({ signal: controller.signal })).rejects.toThrow(AbortedError);
    expect(ran).toEqual([0]);
  });

  test("are aborted by the signal of the call that asked for them", async () => {
    const controller = new AbortController();
    const work = tool("Works")(function work() {
      return new Promise(() => {});
    });
    server.reply({ toolCalls: [{ name: "work", args: {} }] });
    const response = await ask(server, way, { tools: [work], signal: controller.signal });
    const running = response.runTools();
    controller.abort("enough");
    await expect(running).rejects.toMatchObject({ code: "aborted", reason: "enough" });
  });

  test("can be run again, since running changes nothing of the response", async () => {
    const response = await askFor(way, 2, (step) => step);
    expect(contents(await response.runTools())).toEqual(["0", "1"]);
    expect(contents(await response.runTools())).toEqual(["0", "1"]);
    expect(response.messages).toHaveLength(2);
  });

  test("of an answer without calls are none", async () => {
    server.reply({ text: "Hello" });
    expect(await (await ask(server, way, {})).runTools()).toEqual([]);
  });
});

function gate<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function cycle(): object {
  const round: Record<string, unknown> = {};
  round.self = round;
  return round;
}
