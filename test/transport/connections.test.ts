import { once } from "node:events";
import type { Socket } from "node:net";
import { call, type Middleware, type ModelEvent, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references, spoken } from "../streams/wire-chunks.js";
import { type Listening, rawServer } from "./listening.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const soon = retry({ delayMs: () => 1 });

describe.each(references)("connections of %s", (reference) => {
  const access = () => server[providerOf(reference)];

  // undici waits for the next turn of the loop before it uses a socket again, so one more may be opened meanwhile.
  test("serve one stream after the other: twenty take two connections at most", async () => {
    server.reply({ text: ["a", "b"] });
    const ask = call(reference, { ...access(), stream: true })(() => "Hi");
    for (let count = 0; count < 20; count++) {
      for await (const _ of await ask());
    }
    expect(server.requests).toHaveLength(20);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test("are given back also where the body ends a little after its terminator", async () => {
    server.reply({
      chunks: {
        async *[Symbol.asyncIterator]() {
          yield* spoken(providerOf(reference), ["Hello"]);
          await new Promise((resolve) => setTimeout(resolve, 20));
        },
      },
    });
    const ask = call(reference, { ...access(), stream: true })(() => "Hi");
    for (let count = 1; count <= 5; count++) {
      expect((await (await ask()).response()).content).toBe("Hello");
      const request = await server.arrived(count);
      await request.closed;
      expect(request.aborted).toBe(false);
    }
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test("serve one plain call after the other, failed ones too", async () => {
    server.reply({ text: "a" }, { status: 400 }, { json: {} }, { text: "a" });
    const ask = call(reference, { ...access(), use: [retry({ retries: 0 })] })(() => "Hi");
    for (let count = 0; count < 20; count++) await ask().catch(() => {});
    expect(server.requests).toHaveLength(20);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test("do not become more when as many calls come again and again", async () => {
    server.reply({ text: ["a", "b"] });
    const ask = call(reference, { ...access(), stream: true })(() => "Hi");
    for (let round = 0; round < 8; round++) {
      await Promise.all(Array.from({ length: 5 }, async () => (await ask()).response()));
    }
    expect(server.requests).toHaveLength(40);
    expect(server.connections).toBeLessThanOrEqual(11);
  });

  test("never exceed `connections`", async () => {
    server.reply({ text: "a" });
    const ask = call(reference, { ...access(), connections: 2 })(() => "Hi");
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.peakInFlight).toBeLessThanOrEqual(2);
  });

  test("carry a thousand calls in order where there is one, and say how long each waited", async () => {
    const opened: (number | undefined)[] = [];
    const watching: Middleware = (inner) => ({
      id: inner.id,
      async *run(request) {
        for await (const event of inner.run(request)) {
          if (event.type === "open") opened.push(event.queuedMs);
          yield event;
        }
      },
    });
    const ask = call(reference, { ...access(), connections: 1, use: [watching] })((count: number) => `${count}`);
    const numbers = Array.from({ length: 1000 }, (_, count) => count);
    const answers = await Promise.all(numbers.map((count) => ask(count)));
    expect(answers.length).toBe(1000);
    expect(server.connections).toBe(1);
    expect(server.peakInFlight).toBe(1);
    const asked = server.requests.map(({ body }: any) => Number(body.messages.at(-1).content));
    expect(asked).toEqual(numbers);
    const waits = opened.map((ms) => ms ?? Number.NaN);
    // All were handed over at nearly the same time, so that the last waited for all before it.
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(waits[999]).toBeGreaterThan((waits[99] ?? 0) * 2);
  });

  test("say nothing of waiting where a fetch of one's own has them", async () => {
    let opened: ModelEvent | undefined;
    const watching: Middleware = (inner) => ({
      id: inner.id,
      async *run(request) {
        for await (const event of inner.run(request)) {
          if (event.type === "open") opened = event;
          yield event;
        }
      },
    });
    await call(reference, { ...access(), fetch: globalThis.fetch, use: [watching] })(() => "Hi")();
    expect(opened).toMatchObject({ type: "open", queuedMs: undefined });
  });

  test("that a call waits for are no longer waited for after an abort, and the call is never sent", async () => {
    const first = new AbortController();
    const second = new AbortController();
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const ask = (signal: AbortSignal) => call(reference, { ...access(), connections: 1, signal })(() => "Hi")();
    const sent = ask(first.signal);
    await server.arrived();
    const waiting = ask(second.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    second.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    first.abort("over");
    await expect(sent).rejects.toMatchObject({ code: "aborted", reason: "over" });
    server.reply({ text: "Hello" });
    await call(reference, { ...access(), connections: 1 })(() => "Next")();
    expect(server.requests).toHaveLength(2);
  });

  test("that are refused are tried three times, and the error names the cause", async () => {
    const { openai, anthropic } = server;
    await server.close();
    const gone = { openai, anthropic }[providerOf(reference)];
    let tries = 0;
    const delayMs = () => {
      tries++;
      return 1;
    };
    for (const stream of [false, true]) {
      tries = 0;
      const error: any = await call(reference, { ...gone, stream, use: [retry({ delayMs })] })(() => "Hi")().catch(
        (error) => error,
      );
      expect(error).toMatchObject({ code: "connection", retryable: true, cause: { code: "ECONNREFUSED" } });
      expect(error.message).toContain("ECONNREFUSED");
      expect(tries).toBe(2);
    }
  });

  test.each(["reset", "end"] as const)("that %s before the headers are tried three times", async (drop) => {
    for (const stream of [false, true]) {
      const before = server.requests.length;
      server.reply({ drop });
      const asked = call(reference, { ...access(), stream, use: [soon] })(() => "Hi")();
      await expect(asked).rejects.toMatchObject({ code: "connection", cause: expect.any(Error) });
      expect(server.requests.length - before).toBe(3);
    }
  });

  test("that break in the middle of a plain answer are tried again", async () => {
    server.reply({ text: "x".repeat(1000), splitAt: [100], cutAfter: 1 }, { text: "whole" });
    const response = await call(reference, { ...access(), use: [soon] })(() => "Hi")();
    expect(response.content).toBe("whole");
    server.reply({ text: "x".repeat(1000), splitAt: [100], cutAfter: 1 });
    await expect(call(reference, { ...access(), use: [soon] })(() => "Hi")()).rejects.toMatchObject({
      code: "connection",
      cause: expect.any(Error),
    });
    expect(server.requests).toHaveLength(2 + 3);
  });

  test("that end short of their content-length are no answer", async () => {
    server.reply({ raw: '{"choices":[]', headers: { "content-length": "1000" }, cutAfter: 1 });
    await expect(call(reference, { ...access(), use: [soon] })(() => "Hi")()).rejects.toMatchObject({
      code: "connection",
    });
  });
});

describe("servers that do not keep to HTTP", () => {
  let raw: Listening;
  afterEach(() => raw.close());
  /** Does so with each request; gives the base URL. */
  async function answerBy(answer: (socket: Socket, count: number) => void): Promise<string> {
    raw = await rawServer((socket) => {
      let requests = 0;
      socket.on("data", (data) => {
        if (data.includes("HTTP/1.1")) answer(socket, ++requests);
      });
    });
    return `http://${raw.host}`;
  }
  const answerWith = (bytes: string, close: boolean) =>
    answerBy((socket) => {
      socket.write(bytes);
      if (close) socket.end();
    });

  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  const chunk = 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n';
  const framed = `${chunk.length.toString(16)}\r\n${chunk}\r\n`;

  test.each([
    ["a chunk size that is no number", `${head}${framed}zz\r\n`, false],
    ["no last chunk", `${head}${framed}`, true],
    ["bytes after a chunk", `${head}${chunk.length.toString(16)}\r\n${chunk}more\r\n`, false],
  ])("%s interrupts a stream, which holds what came", async (_, bytes, close) => {
    const baseURL = await answerWith(bytes, close);
    const ask = call("openai/gpt-4o-mini", { baseURL, apiKey: "sk-test", stream: true })(() => "Hi");
    const stream = await ask();
    const error: any = await stream.response().catch((error) => error);
    expect(error).toMatchObject({ code: "stream_interrupted" });
    expect(error.partial.content).toBe("Hello");
  });

  test.each([
    ["no status line", "garbage\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    ["a status line alone", "HTTP/1.1 200"],
    ["a status that is none", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["more headers than fit", `HTTP/1.1 200 OK\r\nx-long: ${"x".repeat(20_000)}\r\n\r\n`],
  ])("%s is an error of the connection, after three requests", async (_, bytes) => {
    let requests = 0;
    const baseURL = await answerBy((socket) => {
      requests++;
      socket.end(bytes);
    });
    const ask = call("openai/gpt-4o-mini", { baseURL, apiKey: "sk-test", use: [soon] })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({ code: "connection", cause: expect.any(Error) });
    expect(requests).toBe(3);
  });

  test("a kept connection that breaks after the first bytes of an answer is no reason to send the request once more", async () => {
    const body = JSON.stringify({ choices: [{ index: 0, message: { content: "Hello" }, finish_reason: "stop" }] });
    const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    let requests = 0;
    const baseURL = await answerBy((socket, count) => {
      requests++;
      if (count > 1) socket.end("HTTP/1.1 200");
      else socket.write(answer);
    });
    const options = { baseURL, apiKey: "sk-test", connections: 1, use: [retry({ retries: 0 })] };
    const ask = call("openai/gpt-4o-mini", options)(() => "Hi");
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: "connection" });
    expect(requests).toBe(2);
  });

  test("an abort during the handshake ends the call at once, and the connection", async () => {
    const controller = new AbortController();
    // TLS never gets an answer.
    raw = await rawServer((socket) => {
      socket.resume();
      controller.abort("enough");
    });
    const connected = raw.connected();
    const baseURL = `https://${raw.host}`;
    const options = { baseURL, apiKey: "sk-test", signal: controller.signal };
    await expect(call("openai/gpt-4o-mini", options)(() => "Hi")()).rejects.toMatchObject({
      code: "aborted",
      reason: "enough",
    });
    // Long before connectMs would close it.
    const socket = await connected;
    if (!socket.closed) await once(socket, "close");
  });

  const json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
  test.each([
    ["a chunk size that is no number", `${json}2\r\n{}\r\nzz\r\n`, false],
    ["no last chunk", `${json}2\r\n{}\r\n`, true],
    ["bytes after a chunk", `${json}2\r\n{}more\r\n`, false],
  ])("%s is a broken connection for a plain answer", async (_, bytes, close) => {
    const baseURL = await answerWith(bytes, close);
    const ask = call("openai/gpt-4o-mini", { baseURL, apiKey: "sk-test", use: [soon] })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({ code: "connection", retryable: true, cause: expect.any(Error) });
  });

  const whole = JSON.stringify({ choices: [{ index: 0, message: { content: "Hello" }, finish_reason: "stop" }] });
  const wholeAnswer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`;

  test.each<[string, number, (socket: Socket) => void]>(
    [0, 5, 50].flatMap((workMs) => [
      ["closes", workMs, (socket: Socket) => socket.end()],
      ["resets", workMs, (socket: Socket) => socket.resetAndDestroy()],
    ]),
  )(
    "a kept connection that the server %s %i ms after it read a request is an error, and the request is not sent again",
    async (_, workMs, hangUp) => {
      let requests = 0;
      const baseURL = await answerBy((socket, count) => {
        requests++;
        if (count > 1) setTimeout(() => hangUp(socket), workMs);
        else socket.write(wholeAnswer);
      });
      for (const stream of [false, true]) {
        requests = 0;
        const options = { baseURL, apiKey: `sk-test-${stream}`, connections: 1, use: [retry({ retries: 0 })] };
        const first = call("openai/gpt-4o-mini", options)(() => "Hi");
        await first();
        await expect(call("openai/gpt-4o-mini", { ...options, stream })(() => "Hi")()).rejects.toMatchObject({
          code: "connection",
        });
        expect(requests).toBe(2);
      }
    },
  );

  test.each<[string, (socket: Socket) => void]>([
    ["closes", (socket) => socket.end()],
    ["resets", (socket) => socket.resetAndDestroy()],
  ])("a kept connection that the server %s while it is idle costs the next call nothing", async (_, hangUp) => {
    let requests = 0;
    let idle: Socket | undefined;
    const baseURL = await answerBy((socket) => {
      requests++;
      socket.write(wholeAnswer);
      idle = socket;
    });
    const options = { baseURL, apiKey: "sk-test", connections: 1, use: [retry({ retries: 0 })] };
    const ask = call("openai/gpt-4o-mini", options)(() => "Hi");
    for (let count = 0; count < 50; count++) {
      expect((await ask()).content).toBe("Hello");
      hangUp(idle!);
    }
    expect(requests).toBe(50);
  });
});
