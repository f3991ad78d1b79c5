import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { faults, type WireName, type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let server: WireServer;
const sockets: Socket[] = [];
beforeEach(async () => {
  server = await wireServer();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

interface Cell {
  readonly wire: WireName;
  readonly streamed: boolean;
}

const cells = (["openai", "openai-responses", "anthropic"] as const).flatMap((wire): Cell[] => [
  { wire, streamed: false },
  { wire, streamed: true },
]);
const streams = cells.filter(({ streamed }) => streamed);
const plains = cells.filter(({ streamed }) => !streamed);
const cell = "$wire, streamed: $streamed";

const paths = { openai: "/v1/chat/completions", "openai-responses": "/v1/responses", anthropic: "/v1/messages" };
const terminators = { openai: "data: [DONE]", "openai-responses": "response.completed", anthropic: "message_stop" };

/** A client that knows nothing of HTTP: what came, and how the connection ended. */
function ask({ wire, streamed }: Cell, reply: WireReply) {
  server.reply(reply);
  const socket = connect(Number(new URL(server.openai.baseURL).port), "127.0.0.1");
  sockets.push(socket);
  const received: Buffer[] = [];
  let changed = () => {};
  const ended = new Promise<"FIN" | "RST">((resolve) => {
    socket.once("end", () => resolve("FIN"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNRESET" ? "RST" : "FIN"));
  });
  socket.on("data", (data) => {
    received.push(data);
    changed();
  });
  const said = wire === "openai-responses" ? { input: "Hi" } : { messages: [{ role: "user", content: "Hi" }] };
  const limit = wire === "anthropic" && { max_tokens: 9 };
  const body = JSON.stringify({ model: "m", stream: streamed, ...said, ...limit });
  socket.write(`POST ${paths[wire]} HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const bytes = () => Buffer.concat(received);
  return {
    socket,
    ended,
    bytes,
    /** Waits for so much of the answer that `enough` is content with it. */
    async until(enough: (text: string) => boolean): Promise<void> {
      while (!enough(bytes().toString())) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
    /** The answer when it is complete; for those after which the connection is kept. */
    async complete(): Promise<Answer> {
      await this.until(() => parse(bytes()).complete);
      return parse(bytes());
    },
    /** What had come when nothing more came for a while, after what was expected. */
    async silentAfter(expected: (answer: Answer) => boolean): Promise<Answer> {
      await this.until((text) => text.includes("\r\n\r\n") && expected(parse(bytes())));
      for (let length = -1; length !== bytes().length; await pause(30)) length = bytes().length;
      return parse(bytes());
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the body has the length that was announced, or its last chunk. */
  readonly complete: boolean;
  /** The chunks of chunked encoding. */
  readonly chunks: readonly Buffer[];
  /** What no longer belongs to the answer, or is not what HTTP's framing allows. */
  readonly rest: string;
}

function parse(bytes: Buffer): Answer {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const [line = "", ...fields] = bytes.subarray(0, headEnd).toString().split("\r\n");
  const headers = Object.fromEntries(fields.map((field) => field.split(": ") as [string, string]));
  const status = Number(line.split(" ")[1]);
  let body = bytes.subarray(headEnd + 4);
  const announced = headers["content-length"];
  if (announced !== undefined) {
    const length = Number(announced);
    const rest = body.subarray(length).toString();
    return { status, headers, body: body.subarray(0, length), complete: body.length >= length, chunks: [], rest };
  }
  const chunks: Buffer[] = [];
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/.exec(body.subarray(0, 20).toString("latin1"));
    const length = Number.parseInt(size?.[1] ?? "", 16);
    const start = size?.[0].length ?? 0;
    const whole = size && body.subarray(start + length, start + length + 2).toString() === "\r\n";
    if (whole) body = body.subarray(start + length + 2);
    if (whole && length > 0)
      chunks.push(bytes.subarray(bytes.length - body.length - length - 2, bytes.length - body.length - 2));
    else
      return { status, headers, body: Buffer.concat(chunks), complete: Boolean(whole), chunks, rest: body.toString() };
  }
}

async function answerTo(to: Cell, reply: WireReply): Promise<Answer & { readonly ended: "FIN" | "RST" }> {
  const client = ask(to, reply);
  const ended = await client.ended;
  return { ...parse(client.bytes()), ended };
}

/** The payloads of the events that are whole. */
function payloadsOf(body: Buffer): any[] {
  const data = [...body.toString().matchAll(/^data: (\{.*\})\n\n/gm)];
  return data.map(([, json = ""]) => JSON.parse(json));
}

/** What the model said in an answer of any wire. */
function said({ streamed }: Cell, body: Buffer): string {
  if (!streamed) {
    const { choices, content, output } = JSON.parse(body.toString());
    return choices?.[0].message.content ?? content?.[0].text ?? output?.[0].content[0].text;
  }
  return payloadsOf(body)
    .map(({ type, choices, delta }) => {
      if (type === "response.output_text.delta") return delta;
      return choices?.[0]?.delta?.content ?? delta?.text ?? "";
    })
    .join("");
}

const text = "Once upon a time.";

describe("before the answer", () => {
  test.each(cells)(`reset() sends RST and no byte (${cell})`, async (to) => {
    expect(await answerTo(to, faults.reset())).toMatchObject({ ended: "RST", body: Buffer.alloc(0), headers: {} });
    expect(server.requests[0]?.aborted).toBe(false);
  });

  test.each(cells)(`hangUp() sends FIN and no byte (${cell})`, async (to) => {
    expect(await answerTo(to, faults.hangUp())).toMatchObject({ ended: "FIN", body: Buffer.alloc(0), headers: {} });
  });

  test.each(cells)(`silence() sends nothing and stays connected (${cell})`, async (to) => {
    const client = ask(to, faults.silence());
    await server.arrived();
    await pause(30);
    expect(client.bytes()).toHaveLength(0);
    expect(server.openConnections).toBe(1);
  });

  test.each(cells)(`slowHeaders() sends headers byte by byte and never ends them (${cell})`, async (to) => {
    const client = ask(to, faults.slowHeaders({ everyMs: 1 }));
    await client.until((sent) => /x-slow-3/.test(sent));
    expect(String(client.bytes())).toMatch(/^HTTP\/1\.1 200 OK\r\nx-slow-1: yes\r\nx-slow-2: yes\r\n/);
    expect(String(client.bytes())).not.toContain("\r\n\r\n");
    client.socket.destroy();
    await server.requests[0]?.closed;
    expect(server.requests[0]).toMatchObject({ aborted: true, chunksSent: 0 });
  });
});

describe("the pace", () => {
  test.each(streams)(`stall() sends so many pieces of text and stays connected (${cell})`, async (to) => {
    const answer = await ask(to, { ...faults.stall({ after: 3 }), text }).silentAfter(
      ({ body }) => said(to, body).length >= 12,
    );
    expect(said(to, answer.body)).toBe("Once upon a ");
    expect(answer.complete).toBe(false);
    expect(server.openConnections).toBe(1);
    expect(server.requests[0]).toMatchObject({ finishedAt: undefined, chunksSent: answer.chunks.length });
  });

  test.each(plains)(`stall() sends half of a plain body (${cell})`, async (to) => {
    const { headers, body } = await ask(to, faults.stall()).silentAfter((answer) => answer.body.length > 0);
    expect(body.length).toBe(Math.floor(Number(headers["content-length"]) / 2));
    expect(server.openConnections).toBe(1);
  });

  test.each(cells)(`with after: 0, nothing follows the headers (${cell})`, async (to) => {
    const { status, headers, body } = await ask(to, faults.stall({ after: 0 })).silentAfter(() => true);
    expect([status, body.length]).toEqual([200, 0]);
    expect(headers["content-type"]).toMatch(to.streamed ? /^text\/event-stream/ : /^application\/json/);
  });

  test.each(streams)(`pieces of a tool's arguments count as well (${cell})`, async (to) => {
    const reply = { ...faults.stall({ after: 2 }), toolCalls: [{ name: "f", args: { title: "Momo, again" } }] };
    const { body } = await ask(to, reply).silentAfter((answer) => /\{\\"title/.test(String(answer.body)));
    expect(String(body)).toMatch(/\{\\"title/);
    expect(String(body)).not.toContain("again");
  });

  test.each(streams)(`pings() says nothing more, in many ways and for ever (${cell})`, async (to) => {
    const client = ask(to, { ...faults.pings({ after: 2, everyMs: 1 }), text });
    await client.until((sent) => sent.split(": ping\n").length > 7);
    const { body } = parse(client.bytes());
    expect(said(to, body)).toBe("Once upon ");
    const empty = { openai: '"content":""', "openai-responses": '"delta":""', anthropic: '"text":""' }[to.wire];
    expect(String(body).split(empty).length).toBeGreaterThan(3);
    if (to.wire === "anthropic")
      expect(payloadsOf(body).filter(({ type }) => type === "ping").length).toBeGreaterThan(3);
  });

  test.each(plains)(`pings() puts blanks without an end in place of a plain answer (${cell})`, async (to) => {
    const client = ask(to, faults.pings({ everyMs: 1 }));
    await client.until((sent) => sent.split("\r\n \r\n").length > 5);
    expect(String(parse(client.bytes()).body).trim()).toBe("");
  });

  test.each(streams)(`drip() sends one piece at a time, for ever (${cell})`, async (to) => {
    const client = ask(to, { ...faults.drip({ everyMs: 1 }), text: "tick " });
    await client.until((sent) => sent.split("tick").length > 6);
    expect(said(to, parse(client.bytes()).body)).toMatch(/^(tick ){5,}$/);
    client.socket.destroy();
    await server.requests[0]?.closed;
    expect(server.requests[0]?.aborted).toBe(true);
  });

  test.each(plains)(`drip() never ends a plain body (${cell})`, async (to) => {
    const client = ask(to, faults.drip({ everyMs: 1 }));
    await client.until((sent) => sent.split("and so on").length > 3);
    expect(parse(client.bytes())).toMatchObject({ complete: false, headers: { "transfer-encoding": "chunked" } });
  });

  test.each(cells)(`flood() sends as fast as the client reads, and no faster (${cell})`, async (to) => {
    const client = ask(to, faults.flood());
    await client.until((sent) => sent.length > 1_000_000);
    client.socket.pause();
    const sent = () => server.requests[0]?.chunksSent ?? 0;
    let before = -1;
    for (; before !== sent(); await pause(60)) before = sent();
    client.socket.resume();
    await client.until(() => sent() > before);
  });

  test.each(cells)(`linger() completes the answer and stays connected (${cell})`, async (to) => {
    const { body, complete } = await ask(to, { ...faults.linger(), text }).silentAfter((answer) =>
      to.streamed ? String(answer.body).includes(terminators[to.wire]) : answer.complete,
    );
    expect(said(to, body)).toBe(text);
    if (to.streamed) expect(String(body)).toContain(terminators[to.wire]);
    expect(complete).toBe(!to.streamed);
    expect(server.openConnections).toBe(1);
  });
});

describe("the end", () => {
  test.each(streams)(`truncate() ends a stream in order, without its terminator (${cell})`, async (to) => {
    const answer = await answerTo(to, { ...faults.truncate({ after: 2 }), text });
    expect(answer).toMatchObject({ complete: true, ended: "FIN", rest: "" });
    expect(said(to, answer.body)).toBe("Once upon ");
    expect(String(answer.body)).not.toContain(terminators[to.wire]);
    expect(server.requests[0]?.aborted).toBe(false);
  });

  test.each(plains)(`truncate() sends less of a plain body than announced (${cell})`, async (to) => {
    for (const at of ["event", "line", "character"] as const) {
      const { headers, body, complete, ended } = await answerTo(to, faults.truncate({ at }));
      expect([complete, ended]).toEqual([false, "FIN"]);
      expect(body.length).toBeLessThan(Number(headers["content-length"]));
      expect(body.length).toBeGreaterThan(0);
      expect(String(body).endsWith("\ufffd")).toBe(at === "character");
    }
  });

  test.each(streams)(`truncate({ at }) ends within a line or within a character (${cell})`, async (to) => {
    const line = await answerTo(to, { ...faults.truncate({ at: "line" }), text });
    expect(line.complete).toBe(true);
    expect(String(line.body)).toMatch(/\ndata: \{.*"$/);
    const character = await answerTo(to, { ...faults.truncate({ at: "character" }), text });
    expect(character.complete).toBe(true);
    expect(character.body.subarray(-2)).toEqual(Buffer.from("🎈").subarray(0, 2));
    expect([said(to, line.body), said(to, character.body)]).toEqual(["Once upon ", "Once upon "]);
  });

  test.each(cells)(`cut() breaks the connection in mid-answer, by RST or FIN (${cell})`, async (to) => {
    for (const [how, seen] of [
      ["reset", "RST"],
      ["end", "FIN"],
    ] as const) {
      const answer = await answerTo(to, { ...faults.cut({ how }), text });
      expect(answer).toMatchObject({ ended: seen, complete: false });
      if (to.streamed) expect(said(to, answer.body)).toBe("Once upon ");
      else expect(answer.body.length).toBe(Math.floor(Number(answer.headers["content-length"]) / 2));
    }
    await Promise.all(server.requests.map(({ closed }) => closed));
    expect(server.requests.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});

describe("HTTP's framing", () => {
  test.each(cells)(`badChunkSize() announces a chunk by what is no number (${cell})`, async (to) => {
    const { chunks, rest, complete } = await answerTo(to, { ...faults.badChunkSize(), text });
    expect([rest, complete]).toEqual(["size\r\n\r\n", false]);
    expect(chunks.length).toBeGreaterThan(0);
  });

  test.each(cells)(`missingLastChunk() ends right after the answer (${cell})`, async (to) => {
    const { body, rest, complete, ended } = await answerTo(to, { ...faults.missingLastChunk(), text });
    expect([said(to, body), rest, complete, ended]).toEqual([text, "", false, "FIN"]);
    if (to.streamed) expect(String(body)).toContain(terminators[to.wire]);
  });

  test.each(cells)(`extraBytes() follow a complete answer (${cell})`, async (to) => {
    const { body, headers, rest, complete } = await answerTo(to, { ...faults.extraBytes(), text });
    expect([said(to, body), complete]).toEqual([text, true]);
    expect(rest).toBe("These bytes belong to no answer.\r\n");
    expect(headers.connection).toBe("keep-alive");
  });
});

describe("the content's encoding", () => {
  test.each(cells)(`gzip() and brotli() compress the answer, each event by itself (${cell})`, async (to) => {
    for (const [reply, name, decompress] of [
      [faults.gzip(), "gzip", gunzipSync],
      [faults.brotli(), "br", brotliDecompressSync],
    ] as const) {
      const { headers, body, chunks } = await answerTo(to, { ...reply, text });
      expect(headers["content-encoding"]).toBe(name);
      expect(said(to, decompress(body))).toBe(text);
      if (to.streamed) expect(chunks.length).toBeGreaterThan(5);
    }
  });

  test.each(cells)(`corruptGzip() looks like gzip and is none (${cell})`, async (to) => {
    const { headers, body, complete } = await answerTo(to, faults.corruptGzip());
    expect([headers["content-encoding"], complete]).toEqual(["gzip", true]);
    expect(body.subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
    expect(() => gunzipSync(body)).toThrow("invalid block type");
  });

  test.each(cells)(`encoding() names one that nobody knows (${cell})`, async (to) => {
    server.reply(faults.encoding("x"));
    const { headers } = await ask(to, faults.encoding("x")).complete();
    expect(headers["content-encoding"]).toBe("x");
  });
});

describe("the body", () => {
  test.each(cells)(`html() is a web page, empty() is nothing (${cell})`, async (to) => {
    const page = await ask(to, faults.html()).complete();
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(String(page.body)).toMatch(/^<!doctype html>/);
    const nothing = await ask(to, faults.empty()).complete();
    expect([nothing.status, nothing.body.length, nothing.complete]).toEqual([200, 0, true]);
  });

  test.each(streams)(`malformedJson() breaks one event among good ones (${cell})`, async (to) => {
    const { body, complete } = await answerTo(to, { ...faults.malformedJson({ after: 2 }), text });
    expect(complete).toBe(true);
    const broken = String(body)
      .split("\n")
      .filter((line) => line.startsWith("data: {"))
      .filter((line) => {
        try {
          JSON.parse(line.slice(6));
          return false;
        } catch {
          return true;
        }
      });
    expect(broken).toHaveLength(1);
    expect(String(body)).toContain(terminators[to.wire]);
  });

  test.each(plains)(`malformedJson() lacks the end of a plain answer (${cell})`, async (to) => {
    const { body, complete } = await answerTo(to, faults.malformedJson());
    expect(complete).toBe(true);
    expect(() => JSON.parse(String(body))).toThrow(SyntaxError);
  });

  test.each(cells)(`wrongType() answers in the other kind (${cell})`, async (to) => {
    const { headers, body } = await answerTo(to, { ...faults.wrongType(), text });
    expect(headers["content-type"]).toMatch(to.streamed ? /^application\/json/ : /^text\/event-stream/);
    expect(said({ ...to, streamed: !to.streamed }, body)).toBe(text);
  });

  test.each(cells)(`hugeEvent() is one event (${cell})`, async (to) => {
    const { body } = await ask(to, faults.hugeEvent({ bytes: 300_000 })).complete();
    expect(said(to, body)).toBe("x".repeat(300_000));
  });

  test.each(cells)(`noNewline() is a line that does not end (${cell})`, async (to) => {
    const { body, complete } = await answerTo(to, { ...faults.noNewline({ bytes: 300_000 }), text });
    expect(complete).toBe(true);
    if (to.streamed) expect(String(body)).toMatch(/data: \{.*"x{300000}$/);
    else expect(said(to, body)).toBe("x".repeat(300_000) + text);
  });

  test.each(cells)(`invalidUtf8() puts a byte before the first text that is no UTF-8 (${cell})`, async (to) => {
    const { body } = await answerTo(to, { ...faults.invalidUtf8(), text });
    expect(body.filter((byte) => byte === 0xff)).toHaveLength(1);
    expect(said(to, body)).toBe(`\ufffd${text}`);
  });

  test.each(cells)(`lineEndings() are spelled as asked (${cell})`, async (to) => {
    const plain = await ask(to, { text }).complete();
    for (const style of ["crlf", "cr", "mixed"] as const) {
      const { body } = await answerTo(to, { ...faults.lineEndings(style), text });
      const found = [...new Set(String(body).match(/\r\n|\r|\n/g))].sort();
      expect(found).toEqual({ crlf: ["\r\n"], cr: ["\r"], mixed: ["\n", "\r", "\r\n"] }[style]);
      const inLf = Buffer.from(String(body).replace(/\r\n|\r/g, "\n"));
      expect(said(to, inLf)).toBe(text);
      if (to.streamed) expect(payloadsOf(inLf)).toHaveLength(payloadsOf(plain.body).length + 3);
    }
  });

  test.each(cells)(`oddChunks() surround a good answer without usage (${cell})`, async (to) => {
    const { body } = await answerTo(to, { ...faults.oddChunks(), text });
    expect(said(to, body)).toBe(text);
    expect(String(body)).toContain("x_unknown");
    expect(String(body)).not.toMatch(/"usage":\{/);
    if (to.streamed) expect(String(body)).toContain(terminators[to.wire]);
    if (to.wire === "openai" && to.streamed) {
      const choices = payloadsOf(body).map((payload) => payload.choices);
      expect(choices).toContainEqual([]);
      expect(choices).toContainEqual([{ index: 0, delta: null, finish_reason: null }]);
    }
  });
});

describe("refusals", () => {
  test.each(plains)(`overloaded() is a status of a plain answer (${cell})`, async (to) => {
    const { status, body, complete } = await answerTo(to, faults.overloaded());
    expect([status, complete]).toEqual([to.wire === "anthropic" ? 529 : 503, true]);
    expect(JSON.parse(String(body)).error.message).toMatch(/overloaded/i);
  });

  test.each(streams)(`overloaded() is an event of a stream, the first one or a later one (${cell})`, async (to) => {
    for (const [after, before] of [
      [0, ""],
      [2, "Once upon "],
    ] as const) {
      const { status, body, complete } = await answerTo(to, { ...faults.overloaded({ after }), text });
      expect([status, complete, said(to, body)]).toEqual([200, true, before]);
      const payloads = payloadsOf(body);
      expect(JSON.stringify(payloads.at(-1))).toMatch(/overloaded/i);
      if (after === 0) expect(payloads).toHaveLength(1);
    }
  });

  test.each(cells)(`quota() is the provider's own word for an empty account (${cell})`, async (to) => {
    const { status, headers, body } = await answerTo(to, faults.quota());
    const { error } = JSON.parse(String(body));
    expect(headers["content-type"]).toBe("application/json");
    if (to.wire === "anthropic") {
      expect([status, error.type]).toEqual([400, "invalid_request_error"]);
      expect(error.message).toContain("credit balance is too low");
    } else expect([status, error.code]).toEqual([429, "insufficient_quota"]);
  });

  test.each(cells)(`redirect() points elsewhere (${cell})`, async (to) => {
    const { status, headers } = await ask(
      to,
      faults.redirect({ to: "https://else.example/v1", status: 308 }),
    ).complete();
    expect([status, headers.location]).toEqual([308, "https://else.example/v1"]);
  });
});

describe("tcp", () => {
  test("carries out steps of one's own, with the reply's status and headers", async () => {
    const answer = await answerTo(
      { wire: "openai", streamed: true },
      {
        text: "a b",
        status: 202,
        headers: { "x-mine": "1", "x-other": "2" },
        async *tcp({ wire, streamed, body }) {
          yield { head: { "x-other": null } };
          for await (const { text, isDelta } of body()) if (isDelta) yield { chunk: text };
          yield { chunk: `${wire} ${streamed}` };
        },
      },
    );
    expect(answer).toMatchObject({ status: 202, complete: true, headers: { "x-mine": "1" } });
    expect(answer.headers).not.toHaveProperty("x-other");
    expect(
      answer.chunks
        .map(String)
        .slice(0, 2)
        .map((chunk) => /"content":"(.*?)"/.exec(chunk)?.[1]),
    ).toEqual(["a ", "b"]);
    expect(String(answer.chunks.at(-1))).toBe("openai true");
    await server.requests[0]?.closed;
    expect(server.requests[0]).toMatchObject({ aborted: false, chunksSent: 3, finishedAt: expect.any(Number) });
  });

  test("what the steps throw before the first byte is told to the client, later it ends the connection", async () => {
    const early = await ask(
      { wire: "openai", streamed: false },
      {
        // biome-ignore lint/correctness/useYield: it fails before it could
        *tcp() {
          throw new Error("no such book");
        },
      },
    ).complete();
    expect(early.status).toBe(500);
    expect(String(early.body)).toContain("no such book");
    const late = await answerTo(
      { wire: "openai", streamed: false },
      {
        *tcp() {
          yield { head: {} };
          throw new Error("no such page");
        },
      },
    );
    expect(late).toMatchObject({ ended: "FIN", status: 200, complete: false });
  });

  test("a step that waits ends when the client leaves, and when the server closes", async () => {
    let ended = 0;
    const reply: WireReply = {
      async *tcp() {
        try {
          yield "HTTP/1.1 200 OK\r\n";
          yield { waitMs: Number.POSITIVE_INFINITY };
        } finally {
          ended++;
        }
      },
    };
    const client = ask({ wire: "openai", streamed: true }, reply);
    await client.until((sent) => sent.length > 0);
    client.socket.destroy();
    await server.requests[0]?.closed;
    const other = ask({ wire: "openai", streamed: true }, reply);
    await other.until((sent) => sent.length > 0);
    await server.close();
    expect(server.requests.map(({ aborted }) => aborted)).toEqual([true, false]);
    await pause(0);
    expect(ended).toBe(2);
  });
});
