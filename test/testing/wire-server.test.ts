import { once } from "node:events";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type WireRequest, type WireServer, wireServer } from "callwright/testing";
import { Client } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const body = { model: "m", messages: [{ role: "user", content: "Hi" }] };
const message = { ...body, max_tokens: 9 };

function ask(more: object = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.openai.baseURL}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ ...body, ...more }),
    ...init,
  });
}
const stream = (init: RequestInit = {}) => ask({ stream: true }, init);

async function contentOf(response: Response): Promise<string> {
  return (await response.json()).choices[0].message.content;
}

function readerOf(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error("The response has no body.");
  return reader;
}

/** The bytes of an answer as they came, one element per read of the socket. */
async function readsOf(path: string, request: object): Promise<Buffer[]> {
  const { port } = new URL(server.openai.baseURL);
  const socket = connect(Number(port), "127.0.0.1");
  const reads: Buffer[] = [];
  socket.on("data", (data) => reads.push(data));
  const text = JSON.stringify(request);
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  await once(socket, "close");
  return reads;
}

describe("scripts", () => {
  test("without a script, every request is answered", async () => {
    expect(await contentOf(await ask())).toBe("Hello from the wire server.");
    expect(await contentOf(await ask())).toBe("Hello from the wire server.");
  });

  test("replies come in order, the last one repeats, and a new script replaces the old", async () => {
    server.reply({ text: "one" }, { text: "two" });
    const texts = [];
    for (let count = 0; count < 3; count++) texts.push(await contentOf(await ask()));
    server.reply({ text: "three" }, { text: "four" });
    texts.push(await contentOf(await ask()));
    expect(texts).toEqual(["one", "two", "two", "three"]);
  });

  test("a function makes the reply from the request, also asynchronously", async () => {
    server.reply(async ({ body, wire }) => ({ text: `${wire} ${body.messages[0].content}` }));
    expect(await contentOf(await ask())).toBe("openai Hi");
  });

  test("what a reply function throws is told to the client, as nothing to be tried again", async () => {
    server.reply(() => {
      throw new Error("no such book");
    });
    const response = await ask();
    expect(response.status).toBe(500);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect((await response.json()).error.message).toContain("no such book");
  });

  test("an async iterable decides when each chunk is sent", async () => {
    let seen = () => {};
    server.reply({
      text: (async function* () {
        for (const piece of ["a", "b", "c"]) {
          const next = new Promise<void>((resolve) => {
            seen = resolve;
          });
          yield piece;
          await next;
        }
      })(),
    });
    const reader = readerOf(await stream());
    const contents: string[] = [];
    for (;;) {
      const { value = "", done } = await reader.read();
      if (done) break;
      const [content] = [...value.matchAll(/"content":"(\w+)"/g)].map(([, text]) => text);
      if (content === undefined) continue;
      contents.push(content);
      seen();
    }
    expect(contents).toEqual(["a", "b", "c"]);
  });

  test("chunks are sent as they stand: objects as events, strings as bytes, no terminator", async () => {
    server.reply({ chunks: [{ a: 1 }, ": ping\n\n", "data: [DO"] });
    expect(await (await stream()).text()).toBe('data: {"a":1}\n\n: ping\n\ndata: [DO');
  });

  test("a body as it stands has the type that the request asks for, unless a header says otherwise", async () => {
    server.reply(
      { raw: "<html>" },
      { raw: "data: x\n\n" },
      { raw: "<html>", headers: { "Content-Type": "text/html" }, status: 502 },
      { json: null },
    );
    const plain = await ask();
    expect([plain.headers.get("content-type"), await plain.text()]).toEqual(["application/json", "<html>"]);
    const streamed = await stream();
    expect([streamed.headers.get("content-type"), await streamed.text()]).toEqual([
      "text/event-stream; charset=utf-8",
      "data: x\n\n",
    ]);
    const html = await ask();
    expect([html.status, html.headers.get("content-type"), await html.text()]).toEqual([502, "text/html", "<html>"]);
    expect(await (await ask()).json()).toBe(null);
  });

  test("usage can be left out", async () => {
    server.reply({ usage: null });
    expect(await (await ask()).json()).not.toHaveProperty("usage");
  });
});

describe("paths", () => {
  test("an unknown path is a 404 in the format of the API that it looks like", async () => {
    const openai = await fetch(`${server.openai.baseURL}/v1/chat/completion`, { method: "POST", body: "{}" });
    expect([openai.status, await openai.json()]).toMatchObject([
      404,
      { error: { message: "Invalid URL (POST /v1/v1/chat/completion)" } },
    ]);
    const headers = { "anthropic-version": "2023-06-01" };
    const anthropic = await fetch(`${server.anthropic.baseURL}/messages?beta=true`, { method: "POST", headers });
    expect([anthropic.status, await anthropic.json()]).toMatchObject([
      404,
      { type: "error", error: { type: "not_found_error" } },
    ]);
    expect(server.requests.map(({ wire, path, body }) => ({ wire, path, body }))).toEqual([
      { wire: "openai", path: "/v1/v1/chat/completion", body: {} },
      { wire: "anthropic", path: "/messages?beta=true", body: undefined },
    ]);
  });

  test("a GET is a 404", async () => {
    expect((await fetch(`${server.openai.baseURL}/chat/completions`)).status).toBe(404);
  });
});

describe("records", () => {
  test("a request is kept with its body, its headers and its times", async () => {
    const before = performance.now();
    await (await ask({ temperature: 0 }, { headers: { "X-Trace": "t1" } })).text();
    const [request] = server.requests;
    await request?.closed;
    expect(request).toMatchObject({
      wire: "openai",
      method: "POST",
      path: "/v1/chat/completions",
      body: { ...body, temperature: 0 },
      aborted: false,
      chunksSent: 1,
    });
    expect(request?.headers["x-trace"]).toBe("t1");
    expect(request?.arrivedAt).toBeGreaterThanOrEqual(before);
    expect(request?.finishedAt).toBeGreaterThanOrEqual(request?.arrivedAt ?? Number.NaN);
  });

  test("a request that is not JSON is kept as text", async () => {
    await ask({}, { body: "{oops" });
    expect(server.requests[0]?.body).toBe("{oops");
  });

  test("a client that leaves before the answer ended is recorded as an abort", async () => {
    server.reply(
      { delayMs: Number.POSITIVE_INFINITY },
      { delayMs: 60_000 },
      { text: ["a", "b"], gapMs: 60_000 },
      { hangAfter: Number.POSITIVE_INFINITY },
    );
    for (const count of [1, 2, 3, 4]) {
      const controller = new AbortController();
      const answered = ask({ stream: count >= 3 }, { signal: controller.signal }).catch(() => {});
      const request = await server.arrived(count);
      expect([request.aborted, request.finishedAt]).toEqual([false, undefined]);
      if (count >= 3) await answered;
      controller.abort();
      await request.closed;
      expect(request.aborted).toBe(true);
      expect(request.finishedAt).toBeGreaterThan(request.arrivedAt);
    }
  });

  test("counts the requests that are open at once, and the connections", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.reply(async () => {
      await gate;
      return {};
    });
    const answers = Promise.all([1, 2, 3, 4, 5].map(async () => contentOf(await ask())));
    await server.arrived(5);
    expect([server.peakInFlight, server.connections, server.openConnections]).toEqual([5, 5, 5]);
    release();
    await answers;
    expect(server.peakInFlight).toBe(5);
  });

  test("a connection is kept for the next request", async () => {
    const client = new Client(server.anthropic.baseURL);
    for (let count = 0; count < 3; count++) {
      const { body: answer } = await client.request({
        method: "POST",
        path: "/v1/messages",
        body: JSON.stringify(message),
      });
      await answer.dump();
    }
    await client.close();
    expect([server.requests.length, server.connections, server.peakInFlight]).toEqual([3, 1, 1]);
  });

  test("an unread stream stops being made when the socket is full, and is ended when the client leaves", async () => {
    let made = 0;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    server.reply({
      text: (async function* () {
        try {
          for (;;) {
            made++;
            yield "x".repeat(64 * 1024);
          }
        } finally {
          end();
        }
      })(),
    });
    const controller = new AbortController();
    const response = await stream({ signal: controller.signal });
    let before = -1;
    while (before !== made) {
      before = made;
      await pause(100);
    }
    expect(made).toBeLessThan(1000);
    expect(server.requests[0]?.chunksSent).toBeLessThanOrEqual(made + 1);
    controller.abort();
    await ended;
    await expect(response.text()).rejects.toThrow();
  });
});

describe("faults", () => {
  test("delays come before the headers, gaps between the chunks", async () => {
    server.reply({ delayMs: 50 }, { text: ["a", "b"], gapMs: 30 });
    const start = performance.now();
    await ask();
    const answered = performance.now();
    expect(answered - start).toBeGreaterThan(48);
    await (await stream()).text();
    // A role, two texts, a reason, [DONE].
    expect(performance.now() - answered).toBeGreaterThan(4 * 29);
  });

  test("bytes are split anywhere, each piece a read of its own", async () => {
    server.reply({ raw: "data: 🎈\n\n", splitAt: "every-byte" }, { raw: "0123456789", splitAt: [8, 3, 3, 99] });
    const bytes = Buffer.from("data: 🎈\n\n");
    const single = await readsOf("/v1/chat/completions", { ...body, stream: true });
    // The headers come first, the end of the chunked encoding last.
    expect(single.slice(1, 1 + bytes.length).map(String)).toEqual(
      [...bytes].map((byte) => String(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]))),
    );

    const pieces = await readsOf("/v1/chat/completions", body);
    expect(pieces.slice(1).map(String)).toEqual(["012", "34567", "89"]);
  });

  test("a split stream says the same", async () => {
    server.reply({ text: ["Grüße 🎈", "!"] }, { text: ["Grüße 🎈", "!"], splitAt: "every-byte" });
    const [whole, split] = [await (await stream()).text(), await (await stream()).text()];
    expect(split.replace(/chatcmpl-\w+/g, "")).toBe(whole.replace(/chatcmpl-\w+/g, ""));
    expect(split).toContain("Grüße 🎈");
  });

  test("the connection is cut after so many chunks", async () => {
    server.reply(
      { text: ["a", "b", "c"], cutAfter: 3 },
      { json: { long: "body" }, splitAt: [5], cutAfter: 1 },
      { cutAfter: 0 },
    );
    const reader = readerOf(await stream());
    let text = "";
    const cut = (async () => {
      for (;;) text += (await reader.read()).value ?? "";
    })();
    await expect(cut).rejects.toThrow("terminated");
    expect([...text.matchAll(/"content":"(\w+)"/g)].map(([, content]) => content)).toEqual(["a", "b"]);
    await expect((await ask()).text()).rejects.toThrow("terminated");
    await expect((await ask()).text()).rejects.toThrow("terminated");
    expect(server.requests.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  });

  test("a body ends early as if it were complete", async () => {
    server.reply({ text: ["a", "b"], endAfter: 2 }, { raw: '{"id":', splitAt: [3], endAfter: 1 });
    const text = await (await stream()).text();
    expect(text.split("\n\n").filter(Boolean)).toHaveLength(2);
    expect(text).not.toContain("[DONE]");
    expect(await (await ask()).text()).toBe('{"i');
  });

  test("an overload ends a stream as the wire's error event", async () => {
    server.reply({ text: ["a", "b"], errorAfter: 2 });
    expect((await (await stream()).text()).split("\n\n").at(-2)).toContain('data: {"error":{"message":');
    const anthropic = await fetch(`${server.anthropic.baseURL}/v1/messages`, {
      method: "POST",
      body: JSON.stringify({ ...message, stream: true }),
    });
    expect((await anthropic.text()).split("\n\n").at(-2)).toMatch(
      /^event: error\ndata: {"type":"error","error":{"type":"overloaded_error"/,
    );
    const responses = await fetch(`${server.openai.baseURL}/responses`, {
      method: "POST",
      body: '{"model":"m","input":"Hi","stream":true}',
    });
    expect((await responses.text()).split("\n\n").at(-2)).toMatch(/^event: error\ndata: {"type":"error"/);
  });

  test("a stream falls silent after so many chunks, with the connection open", async () => {
    server.reply({ text: ["a", "b"], hangAfter: 2 });
    const reader = readerOf(await stream());
    let text = "";
    while (!text.includes('"content":"a"')) text += (await reader.read()).value ?? "";
    const silent = reader.read();
    expect(await Promise.race([silent, pause(100, "silent")])).toBe("silent");
    await reader.cancel();
    const [request] = server.requests as [WireRequest];
    await request.closed;
    expect(request).toMatchObject({ aborted: true, chunksSent: 2 });
  });

  test("a plain answer that falls silent does not look whole to its reader", async () => {
    server.reply({ text: "a", hangAfter: 1 });
    const response = await ask();
    // With a length, a client would take the answer for complete and send its next request on a connection that hangs.
    expect(response.headers.get("content-length")).toBeNull();
    expect(await response.body?.getReader().read()).toMatchObject({ done: false });
    expect(server.requests[0]?.aborted).toBe(false);
  });

  test("a connection is dropped without an answer", async () => {
    server.reply({ drop: "reset" }, { drop: "end" });
    await expect(ask()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    await expect(ask()).rejects.toMatchObject({ cause: { code: "UND_ERR_SOCKET" } });
    expect(server.requests.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test("a connection is dropped also where its request came before the last answer had ended", async () => {
    server.reply(
      async () => {
        await server.arrived(2);
        await pause(0);
        return { raw: "first" };
      },
      { drop: "end" },
    );
    const socket = connect(Number(new URL(server.openai.baseURL).port), "127.0.0.1");
    let received = "";
    socket.setEncoding("utf8").on("data", (text) => {
      received += text;
    });
    const text = JSON.stringify(body);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}`;
    socket.write(`${head}\r\n\r\n${text}`.repeat(2));
    await once(socket, "close");
    expect(received.split("\r\n\r\n")).toEqual([expect.stringContaining("200 OK"), "first"]);
  });
});

describe("the end", () => {
  test("closing breaks open answers off, and may be asked for twice", async () => {
    server.reply({ hangAfter: 1 });
    const response = await stream();
    const closing = server.close();
    expect(server.close()).toBe(closing);
    await closing;
    await expect(response.text()).rejects.toThrow("terminated");
    await expect(ask()).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    expect([server.openConnections, server.requests[0]?.aborted]).toEqual([0, false]);
  });

  test("await using closes it", async () => {
    let url = "";
    {
      await using other = await wireServer();
      url = other.openai.baseURL;
      expect((await fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify(body) })).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow();
  });

  test("a port that is taken is an error", async () => {
    const port = Number(new URL(server.openai.baseURL).port);
    await expect(wireServer({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
