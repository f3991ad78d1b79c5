import { call, fallback, type Model, model, OverloadedError, prompt } from "callwright";
import { script } from "callwright/testing";
import { toResponse } from "callwright/web";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "../calls/wires.js";
import { allEvents, eventsOf } from "./events.js";
import { findBook } from "./tools.js";

async function* onceThenSilence() {
  yield "Once ";
  await new Promise(() => {});
}

onBothWires((wire) => {
  const tell = (options: object = {}) =>
    call(wire.reference, { ...wire.access, ...options, stream: true })(() => prompt`Tell a story`)();

  test("a stream becomes server-sent events that no proxy holds back", async () => {
    wire.server.reply({ text: ["Once ", "upon"], usage: { input: 9, output: 4 } });
    const response = toResponse(await tell());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    expect(await allEvents(response)).toEqual([
      { event: "delta", data: { text: "Once " } },
      { event: "delta", data: { text: "upon" } },
      {
        event: "done",
        data: {
          finishReason: "stop",
          usage: expect.objectContaining({ inputTokens: 9, outputTokens: 4, totalTokens: 13 }),
          cost: expect.any(Number),
        },
      },
    ]);
  });

  test.each([
    "a\nb",
    "a\r\nb",
    "\r",
    "\n\n",
    "data: x\n\nevent: done\ndata: {}",
    "\u2028 \u{1f409} \u0000",
    ": no comment",
  ])("the text %j survives as it is", async (text) => {
    wire.server.reply({ text: [text, "end"] });
    const events = await allEvents(toResponse(await tell()));
    const texts = events.flatMap(({ event, data }) => (event === "delta" ? [data.text] : []));
    expect(texts.join("")).toBe(`${text}end`);
    expect(events.map(({ event }) => event)).toEqual(["delta", "delta", "done"]);
  });

  test("a tool comes once, with its arguments as an object", async () => {
    wire.server.reply({ text: "Wait.", toolCalls: [{ name: "find_book", args: { title: "Mo\nmo" }, id: "call_a" }] });
    const events = await allEvents(toResponse(await tell({ tools: [findBook] })));
    expect(events.map(({ event }) => event)).toEqual(["delta", "tool", "done"]);
    expect(events[1]?.data).toEqual({ id: "call_a", name: "find_book", arguments: { title: "Mo\nmo" } });
    expect(events[2]?.data.finishReason).toBe("tool-calls");
  });

  test("with several steps, the tokens of all are told", async () => {
    wire.server.reply(
      { toolCalls: [{ name: "find_book", args: { title: "Momo" } }], usage: { input: 10, output: 1 } },
      { text: "Shelf E.", usage: { input: 20, output: 2 } },
    );
    const events = await allEvents(toResponse(await tell({ tools: [findBook], maxSteps: 2 })));
    expect(events.map(({ event }) => event)).toEqual(["tool", "delta", "done"]);
    expect(events[2]?.data).toMatchObject({ finishReason: "stop", usage: { inputTokens: 30, outputTokens: 3 } });
  });

  test("a failure in the middle ends it with an error event that holds no secret, and no done", async () => {
    wire.server.reply({ text: ["Once ", "upon"], errorAfter: 3 });
    const errors: any[] = [];
    const events = await allEvents(toResponse(await tell(), { onError: (error) => errors.push(error) }));
    expect(events.at(-1)).toEqual({
      event: "error",
      data: { code: expect.stringMatching(/^(server|overloaded)$/), message: expect.stringMatching(/^The provider /) },
    });
    expect(events.filter(({ event }) => event === "done")).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(wire.access.apiKey);
    expect(errors).toEqual([expect.objectContaining({ name: expect.stringMatching(/^(Server|Overloaded)Error$/) })]);
  });

  test("a stream that was not awaited tells its refusal as an event, and an awaited one throws it", async () => {
    wire.server.reply({ status: 401 });
    const ask = () => model(wire.reference, wire.access).stream("Hi");
    const response = toResponse(ask());
    expect(response.status).toBe(200);
    expect(await allEvents(response)).toEqual([
      { event: "error", data: { code: "authentication", message: expect.not.stringContaining(wire.access.apiKey) } },
    ]);
    expect(await errorOf(ask())).toMatchObject({ name: "AuthenticationError" });
  });

  test("a reader that leaves closes the connection to the provider within 200 ms", async () => {
    wire.server.reply({ text: onceThenSilence() });
    const response = toResponse(await tell());
    for await (const { event } of eventsOf(response)) if (event === "delta") break;
    const left = performance.now();
    const [request] = wire.server.requests;
    await request?.closed;
    expect(request?.aborted).toBe(true);
    expect((request?.finishedAt ?? Number.POSITIVE_INFINITY) - left).toBeLessThan(200);
  });

  test("a reader that leaves before the provider has answered aborts as well", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const errors: unknown[] = [];
    const stream = model(wire.reference, wire.access).stream("Hi");
    const response = toResponse(stream, { onError: (error) => errors.push(error) });
    const reader = response.body?.getReader();
    const read = reader?.read();
    const request = await wire.server.arrived();
    await reader?.cancel();
    await request.closed;
    expect(request.aborted).toBe(true);
    await read;
    expect(await errorOf(stream)).toMatchObject({ name: "AbortedError" });
    // That a reader left is no failure.
    expect(errors).toEqual([]);
  });

  test("a slow reader slows the provider down", async () => {
    // More than what all buffers on the way hold together.
    const piece = "x".repeat(64 * 1024);
    const pieces = Array.from({ length: 600 }, () => piece);
    wire.server.reply({ text: pieces });
    const reader = toResponse(await tell()).body?.getReader();
    await reader?.read();
    const [request] = wire.server.requests;
    let sent = 0;
    await vi.waitFor(
      () => {
        const before = sent;
        sent = request?.chunksSent ?? 0;
        expect(sent).toBeGreaterThan(0);
        expect(sent).toBe(before);
      },
      { interval: 200, timeout: 10_000 },
    );
    expect(sent).toBeLessThan(pieces.length);
    await reader?.cancel();
  });

  test("a value that grows comes as objects, the last one validated", async () => {
    wire.server.reply({ text: ['{"title": "Mo', 'mo", "year": 19', "73}"] });
    const stream = await tell({ responseModel: z.object({ title: z.string(), year: z.number() }) });
    const events = await allEvents(toResponse(stream as never));
    expect(events[0]).toEqual({ event: "object", data: { title: "Mo" } });
    expect(events.at(-2)).toEqual({ event: "object", data: { title: "Momo", year: 1973 } });
    expect(events.at(-1)?.event).toBe("done");
  });
});

describe("a stream", () => {
  test("whose model is replaced in the middle says that what was shown is void", async () => {
    const broken: Model = {
      id: "test/broken",
      async *run() {
        yield { type: "text-delta", text: "Once " };
        throw new OverloadedError("Too busy.", { provider: "test" });
      },
    };
    const other = script(["Hello."]);
    const stream = model(broken, { use: [fallback(other)] }).stream("Hi");
    expect((await allEvents(toResponse(stream))).map(({ event, data }) => [event, data.text])).toEqual([
      ["delta", "Once "],
      ["restart", undefined],
      ["delta", "Hello."],
      ["done", undefined],
    ]);
  });

  test("that thinks tells its reasoning beside the text", async () => {
    const thinking = script([
      [
        { type: "reasoning-delta", text: "Hm." },
        { type: "text-delta", text: "Hello." },
        { type: "finish", reason: "stop" },
      ],
    ]);
    expect(await allEvents(toResponse(model(thinking).stream("Hi")))).toEqual([
      { event: "delta", data: { text: "", reasoning: "Hm." } },
      { event: "delta", data: { text: "Hello." } },
      { event: "done", data: { finishReason: "stop" } },
    ]);
  });

  test("on which nothing happens gets a comment every 15 seconds", async () => {
    vi.useFakeTimers();
    try {
      const silent = {
        id: "test/silent",
        run: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }),
      };
      const reader = toResponse(model(silent).stream("Hi")).body?.getReader();
      for (let count = 0; count < 2; count++) {
        const read = reader?.read();
        await vi.advanceTimersByTimeAsync(15_000);
        expect(new TextDecoder().decode((await read)?.value)).toBe(": keep-alive\n\n");
      }
      await reader?.cancel();
      await vi.advanceTimersByTimeAsync(60_000);
    } finally {
      vi.useRealTimers();
    }
  });

  test("takes a status and headers along, but no other content type", async () => {
    const stream = model(script(["Hi"])).stream("Hi");
    const headers = { "x-page": "1", "cache-control": "no-store", "content-type": "text/plain" };
    const response = toResponse(stream, { status: 201, headers });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-page")).toBe("1");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  });
});

test("what is no stream is refused at once, with what to do", async () => {
  const whole = await model(script(["Hi"])).complete("Hi");
  expect(() => toResponse(whole as never)).toThrow(/toResponse\(\) takes a stream.*stream: true/);
  expect(() => toResponse(undefined as never)).toThrow(/takes a stream/);
});

test("a promise that turns out to be of no stream tells onError what to do", async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const events = await allEvents(toResponse(model(script(["Hi"])).complete("Hi") as never, { onError }));
  expect(events.map(({ event }) => event)).toEqual(["error"]);
  expect(errors).toMatchObject([{ message: expect.stringMatching(/takes a stream.*stream: true/) }]);
});

test("an error that is not the library's is told to onError only", async () => {
  const events = await allEvents(toResponse(Promise.reject(new Error("password=hunter2"))));
  expect(events).toEqual([{ event: "error", data: { code: "internal_error", message: "The server failed." } }]);
});
