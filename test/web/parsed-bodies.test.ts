import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { model } from "callwright";
import { testModel } from "callwright/testing";
import { type HandlerOptions, handler, toNodeListener } from "callwright/web";
import { expect, test } from "vitest";
import { serve } from "./serving.js";

const body = { model: "librarian", messages: [{ role: "user", content: "Ein Buch für \u{1f642}?" }] };

type Incoming = IncomingMessage & { body?: unknown; rawBody?: unknown };
type Parser = (incoming: Incoming) => Promise<void>;

async function bytesOf(incoming: Incoming): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Sends the body through a parser that stands before the handler, and gives the answer and what the model was asked. */
async function through(parse: Parser, init: RequestInit = {}, options: HandlerOptions = {}) {
  const asked: string[] = [];
  const librarian = (messages: unknown) => {
    asked.push(JSON.stringify(messages));
    return model(testModel()).complete("Hi");
  };
  const listener = toNodeListener(handler({ librarian }, options));
  const address = await serve(async (incoming: Incoming, outgoing: ServerResponse) => {
    await parse(incoming);
    await listener(incoming, outgoing);
  });
  const began = performance.now();
  const response = await fetch(`${address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...init,
  });
  const answer = (await response.json()) as any;
  return { status: response.status, error: answer.error, asked, ms: performance.now() - began };
}

const parsers: Record<string, Parser> = {
  "an object, as of express.json()": async (incoming) => {
    incoming.body = JSON.parse(String(await bytesOf(incoming)));
  },
  "a string, as of express.text()": async (incoming) => {
    incoming.body = String(await bytesOf(incoming));
  },
  "bytes, as of express.raw()": async (incoming) => {
    incoming.body = await bytesOf(incoming);
  },
  "an object and the bytes, as of cloud functions": async (incoming) => {
    incoming.rawBody = await bytesOf(incoming);
    incoming.body = JSON.parse(String(incoming.rawBody));
  },
  "an object, and other middleware that takes its time": async (incoming) => {
    incoming.body = JSON.parse(String(await bytesOf(incoming)));
    await setTimeout(50);
  },
  "nothing, since it skipped the request, but an empty object": async (incoming) => {
    incoming.body = {};
  },
  "nothing, since there is none, and other middleware takes its time": () => setTimeout(50),
};

test.each(Object.entries(parsers))("a parser that leaves %s", async (_, parse) => {
  const { status, asked, error } = await through(parse);
  expect(error).toBe(undefined);
  expect(status).toBe(200);
  expect(asked).toEqual([JSON.stringify(body.messages)]);
});

test("a parser that unpacked the body leaves its headers behind, which are not believed", async () => {
  const packed = gzipSync(JSON.stringify(body));
  const parse: Parser = async (incoming) => {
    const { gunzipSync } = await import("node:zlib");
    incoming.body = JSON.parse(String(gunzipSync(await bytesOf(incoming))));
  };
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  // The bytes that came are fewer than the limit, and those that are read are more.
  expect((await through(parse, { headers, body: packed })).status).toBe(200);
  const long = { ...body, messages: [{ role: "user", content: "x".repeat(2_000) }] };
  const small = { maxBodyBytes: 1_000 };
  const refused = await through(parse, { headers, body: gzipSync(JSON.stringify(long)) }, small);
  expect([refused.status, refused.error.code]).toEqual([413, "request_too_large"]);
});

test.each([0, 50])("a parser that leaves nothing is named at once, %i ms after it was done", async (ms) => {
  const told: any[] = [];
  const parse: Parser = async (incoming) => {
    await bytesOf(incoming);
    await setTimeout(ms);
  };
  const { status, error, ms: took } = await through(parse, {}, { onError: (each) => void told.push(each) });
  expect([status, error.code, error.type]).toEqual([500, "body_already_read", "server_error"]);
  expect(error.message).toMatch(/express\.json\(\).*Mount the handler before the parser/);
  expect(told).toMatchObject([{ code: "body_already_read" }]);
  expect(took).toBeLessThan(5_000);
});

test("a body that was read in part is not taken for whole", async () => {
  const parse: Parser = async (incoming) => {
    await new Promise((resolve) => incoming.once("data", resolve));
    incoming.pause();
  };
  expect((await through(parse)).error.code).toBe("body_already_read");
});

test("a request without a body needs none, also if somebody read on to its end", async () => {
  const parse: Parser = async (incoming) => {
    await bytesOf(incoming);
    await setTimeout(20);
  };
  const { status, error } = await through(parse, { body: "" });
  expect([status, error.code]).toEqual([400, "invalid_json"]);
});

test("a body of another type that a parser made an object of is still refused", async () => {
  const parse: Parser = async (incoming) => {
    incoming.body = JSON.parse(String(await bytesOf(incoming)));
  };
  const { status } = await through(parse, { headers: { "content-type": "text/plain" } });
  expect(status).toBe(415);
});

test("a client that left while middleware was at work starts nothing", async () => {
  let asked = 0;
  let done: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const listener = toNodeListener(async () => {
    asked++;
    return new Response();
  });
  const controller = new AbortController();
  const address = await serve(async (incoming, outgoing) => {
    controller.abort();
    await new Promise((resolve) => incoming.socket.once("close", resolve));
    await listener(incoming, outgoing);
    done();
  });
  await fetch(address, { method: "POST", body: "{}", signal: controller.signal }).catch(() => {});
  await finished;
  expect(asked).toBe(0);
});

test("Fastify's request and reply are understood as they are", async () => {
  const told: string[] = [];
  const listener = toNodeListener(async (request) => new Response(`got ${await request.text()}`));
  const address = await serve(async (raw, response) => {
    const parsed = JSON.parse(String(await bytesOf(raw)));
    await listener({ raw, body: parsed }, { raw: response, hijack: () => void told.push("hijacked") });
  });
  const response = await fetch(address, { method: "POST", body: '{"a": 1}' });
  expect(await response.text()).toBe('got {"a":1}');
  expect(told).toEqual(["hijacked"]);
});
