import type { Socket } from "node:net";
import { call, retry } from "callwright";
import { wireServer } from "callwright/testing";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { providerOf, references, stalling } from "../streams/wire-chunks.js";
import { type Listening, rawServer } from "./listening.js";

const once = [retry({ retries: 0 })];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server of its own for each test, since they wait side by side; so the limits are not the shortest. */
async function opened(reference: (typeof references)[number]) {
  const server = await wireServer();
  const access = server[providerOf(reference)];
  const streaming = (timeouts: object) => call(reference, { ...access, stream: true, timeouts, use: once })(() => "Hi");
  const plain = (timeouts: object) => call(reference, { ...access, timeouts, use: once })(() => "Hi");
  return { server, access, streaming, plain, [Symbol.asyncDispose]: () => server.close() };
}

beforeAll(async () => {
  // The first call loads the SDK and the transport, which takes its time.
  for (const reference of references) {
    await using wire = await opened(reference);
    await wire.plain({})();
  }
});

describe.concurrent.each(references)("time limits of %s", (reference) => {
  test("a server that never answers: the first event of a stream, and the connection is closed", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    await expect(streaming({ firstEventMs: 400 })()).rejects.toMatchObject({
      code: "timeout",
      phase: "first-event",
      retryable: true,
      message: expect.stringContaining("400 ms (timeouts.firstEventMs)"),
    });
    const request = await server.arrived();
    await request.closed;
    expect(request.aborted).toBe(true);
  });

  test("headers, but no output: the first event", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply(stalling([]));
    const stream = await streaming({ firstEventMs: 400 })();
    await expect(stream.response()).rejects.toMatchObject({ code: "timeout", phase: "first-event" });
  });

  test("output, and then silence: the idle limit, with what came", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply(stalling(["one ", "two"]));
    const stream = await streaming({ idleMs: 300 })();
    const error: any = await stream.response().catch((error) => error);
    expect(error).toMatchObject({ code: "timeout", phase: "idle" });
    expect(error.partial.content).toBe("one two");
    const request = await server.arrived();
    await request.closed;
    expect(request.aborted).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test("pings and empty chunks count as silence", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    const empty = { choices: [{ index: 0, delta: { content: "" } }] };
    server.reply({
      chunks: (async function* () {
        for (;;) {
          yield ": ping\n\n";
          yield providerOf(reference) === "openai" ? empty : { type: "ping" };
          await pause(5);
        }
      })(),
    });
    const stream = await streaming({ firstEventMs: 400 })();
    await expect(stream.response()).rejects.toMatchObject({ code: "timeout", phase: "first-event" });
    await (await server.arrived()).closed;
  });

  test("a long stream whose pieces come in time is not ended by the idle limit", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply({ text: Array.from({ length: 30 }, () => "."), gapMs: 40 });
    const response = await (await streaming({ firstEventMs: 800, idleMs: 800 })()).response();
    expect(response.content).toHaveLength(30);
  });

  test("one that never ends is ended by the total, with what came", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply({
      text: (async function* () {
        for (;;) {
          yield ".";
          await pause(5);
        }
      })(),
    });
    const error: any = await (await streaming({ totalMs: 600 })()).response().catch((error) => error);
    expect(error).toMatchObject({ code: "timeout", phase: "total", retryable: false });
    expect(error.partial.content).toMatch(/^\.+$/);
    await (await server.arrived()).closed;
  });

  test("a reader who takes his time is not taken for a server that stalls", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply({ text: ["one", "two", "three"] });
    const stream = await streaming({ firstEventMs: 600, idleMs: 200 })();
    await pause(700);
    const texts: string[] = [];
    for await (const [chunk] of stream) {
      await pause(300);
      texts.push(chunk.content);
    }
    expect(texts).toEqual(["one", "two", "three", ""]);
  });

  test("a server that stalls under a reader who takes his time is found out all the same", async () => {
    await using wire = await opened(reference);
    const { server, streaming } = wire;
    server.reply(stalling(["one", "two"]));
    const stream = await streaming({ firstEventMs: 600, idleMs: 200 })();
    const texts: string[] = [];
    const loop = async () => {
      for await (const [chunk] of stream) {
        await pause(300);
        texts.push(chunk.content);
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: "timeout", phase: "idle" });
    expect(texts).toEqual(["one", "two"]);
  });

  test("a plain call knows the total alone", async () => {
    await using wire = await opened(reference);
    const { server, plain } = wire;
    server.reply({ text: "Hello", delayMs: 150 }, { delayMs: Number.POSITIVE_INFINITY });
    expect((await plain({ firstEventMs: 30, idleMs: 30 })()).content).toBe("Hello");
    await expect(plain({ totalMs: 400 })()).rejects.toMatchObject({
      code: "timeout",
      phase: "total",
      retryable: false,
    });
    const request = await server.arrived(2);
    await request.closed;
    expect(request.aborted).toBe(true);
  });

  test("a plain answer that stalls in the middle is ended by the total", async () => {
    await using wire = await opened(reference);
    const { server, plain } = wire;
    server.reply({ text: "x".repeat(1000), splitAt: [100], hangAfter: 1 });
    await expect(plain({ totalMs: 400 })()).rejects.toMatchObject({ code: "timeout", phase: "total" });
    await (await server.arrived()).closed;
  });

  test("the total is of all tries together", async () => {
    await using wire = await opened(reference);
    const { server, access } = wire;
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const timeouts = { firstEventMs: 100, totalMs: 1000 };
    const ask = call(reference, {
      ...access,
      stream: true,
      timeouts,
      use: [retry({ retries: 100, delayMs: () => 1 })],
    })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({ code: "timeout" });
    expect(server.requests.length).toBeGreaterThan(1);
    // Each try takes its 100 ms, however slow the machine is; without the total there would be a hundred.
    expect(server.requests.length).toBeLessThanOrEqual(11);
  });
});

describe.each(references)("on a clock that the test turns, %s", (reference) => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("unless said otherwise, a stream waits 300 s for its first event, and a plain call 600 s in all", async () => {
    await using wire = await opened(reference);
    const { server, streaming, plain } = wire;
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    for (const [ask, ms, phase] of [
      [streaming({}), 300_000, "first-event"],
      [plain({}), 600_000, "total"],
    ] as const) {
      let over: unknown;
      const before = server.requests.length;
      const asked = ask().catch((error: unknown) => {
        over = error;
      });
      await server.arrived(before + 1);
      await vi.advanceTimersByTimeAsync(ms - 1000);
      expect(over).toBeUndefined();
      await vi.advanceTimersByTimeAsync(2000);
      await asked;
      expect(over).toMatchObject({ code: "timeout", phase });
    }
  });

  test("no timer is left when a call is over", async () => {
    await using wire = await opened(reference);
    const { server, streaming, plain } = wire;
    const replies = [{ text: ["a", "b"] }, { text: "a" }, { status: 400 }, stalling(["a"])];
    const all = async () => {
      server.reply(...replies);
      await (await streaming({})()).response();
      await plain({})();
      await plain({})().catch(() => {});
      for await (const _ of await streaming({})()) break;
    };
    // On a clock that stands still, no timer fires: those that are left were not taken back.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await all();
    const before = vi.getTimerCount();
    for (let round = 0; round < 5; round++) await all();
    expect(vi.getTimerCount()).toBeLessThanOrEqual(before);
  });
});

describe("servers that are slow below HTTP", () => {
  let raw: Listening;
  afterEach(() => raw.close());
  async function listen(onConnection?: (socket: Socket) => void): Promise<string> {
    raw = await rawServer(onConnection);
    return raw.host;
  }

  test("headers that drip in byte by byte do not count as an answer", async () => {
    const address = await listen((socket) => {
      const drip = setInterval(() => socket.write("x"), 10);
      socket.on("close", () => clearInterval(drip));
      socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
    });
    const options = { baseURL: `http://${address}`, apiKey: "sk-test", use: once };
    const stream = call("openai/gpt-4o-mini", { ...options, stream: true, timeouts: { firstEventMs: 100 } });
    await expect(stream(() => "Hi")()).rejects.toMatchObject({ code: "timeout", phase: "first-event" });
    const plain = call("openai/gpt-4o-mini", { ...options, timeouts: { totalMs: 100 } });
    await expect(plain(() => "Hi")()).rejects.toMatchObject({ code: "timeout", phase: "total" });
  });

  test("a handshake that does not get on is ended by connectMs, and tried again", async () => {
    const address = await listen();
    const ask = call("openai/gpt-4o-mini", {
      baseURL: `https://${address}`,
      apiKey: "sk-test",
      timeouts: { connectMs: 50 },
      use: [retry({ retries: 1, delayMs: () => 1 })],
    })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({
      code: "timeout",
      phase: "connect",
      message: expect.stringContaining("timeouts.connectMs"),
    });
    expect(raw.sockets).toHaveLength(2);
  });
});
