import { once } from "node:events";
import { connect } from "node:net";
import { model } from "callwright";
import { script } from "callwright/testing";
import { handler, toNodeListener } from "callwright/web";
import { describe, expect, test, vi } from "vitest";
import { serve } from "./serving.js";

const librarian = () => model(script(["Momo", "Momo"]));
const question = { role: "user", content: "A book?" };
const json = { "content-type": "application/json" };

const addressOf = (options: Parameters<typeof handler>[1] = {}) =>
  serve(toNodeListener(handler({ librarian: librarian() }, options)));

async function post(body: unknown, init: RequestInit = {}, options: Parameters<typeof handler>[1] = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const url = `${await addressOf(options)}/v1/chat/completions`;
  const response = await fetch(url, { method: "POST", headers: json, body: text, ...init });
  return { response, body: (await response.json()) as any };
}

describe("a body that cannot be read is refused with 400", () => {
  test.each([
    ["", null],
    ["{", null],
    ["[]", null],
    ['"text"', null],
    ["null", null],
    [{ messages: [question] }, "model"],
    [{ model: 7, messages: [question] }, "model"],
    [{ model: "librarian" }, "messages"],
    [{ model: "librarian", messages: [] }, "messages"],
    [{ model: "librarian", messages: "Hi" }, "messages"],
    [{ model: "librarian", messages: [question, { role: "wizard", content: "Hi" }] }, "messages[1].role"],
    [{ model: "librarian", messages: [{ role: "user" }] }, "messages[0].content"],
    [{ model: "librarian", messages: [{ role: "user", content: [{ type: "video" }] }] }, "messages[0].content[0]"],
    [{ model: "librarian", messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    [
      {
        model: "librarian",
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] }],
      },
      "messages[0].content[0]",
    ],
    [{ temperature: "hot" }, "temperature"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ max_completion_tokens: 1.5 }, "max_completion_tokens"],
    [{ n: 2 }, "n"],
    [{ stop: [1] }, "stop"],
    [{ stream: "yes" }, "stream"],
    [{ stream_options: true }, "stream_options"],
    [{ tools: {} }, "tools"],
    [{ tools: [{ type: "web_search" }] }, "tools[0]"],
    [{ tool_choice: "always" }, "tool_choice"],
    [{ response_format: "json" }, "response_format"],
    [{ response_format: { type: "json_schema" } }, "response_format.json_schema.schema"],
  ])("%j", async (given, param) => {
    const isPart = typeof given === "object" && !("messages" in given) && !("model" in given);
    const { response, body } = await post(isPart ? { model: "librarian", messages: [question], ...given } : given);
    expect(response.status).toBe(400);
    expect(body).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param,
        code: expect.stringMatching(/^invalid_(request|json)$/),
      },
    });
    if (param) expect(body.error.message).toContain(param);
    expect(body.error.message).not.toMatch(/completion\(\)|\.\.$/);
  });
});

test("null says the same as leaving a key out", async () => {
  const { response } = await post({
    model: "librarian",
    messages: [question],
    temperature: null,
    tools: null,
    n: null,
  });
  expect(response.status).toBe(200);
});

test("a body nested too deep is answered, and the server lives on", async () => {
  const deep = `${"[".repeat(500_000)}"__proto__"${"]".repeat(500_000)}`;
  const { response } = await post(`{"model":"librarian","messages":${deep}}`);
  expect(response.status).toBe(400);
});

test.each(["response_format", "tools", "messages"])(
  "a value nested deeper than JSON can be written is refused: %s",
  async (param) => {
    const deep = `${'{"type":"array","items":'.repeat(30_000)}{}${"}".repeat(30_000)}`;
    const value = param === "response_format" ? deep : `[${deep}]`;
    const rest = param === "messages" ? "" : `"messages":[${JSON.stringify(question)}],`;
    const { response, body } = await post(`{"model":"librarian",${rest}"${param}":${value}}`);
    expect(response.status).toBe(400);
    expect(body.error).toMatchObject({ param, message: expect.stringContaining("1000 levels") });
  },
);

describe("a body over the limit is refused with 413", () => {
  const large = JSON.stringify({ model: "librarian", messages: [{ ...question, content: "x".repeat(6_000_000) }] });

  test("by its length, without being read", async () => {
    const { response, body } = await post(large);
    expect(response.status).toBe(413);
    expect(body.error.code).toBe("request_too_large");
  });

  test("by what arrives, where its length is not told", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= 50_000_000) return controller.close();
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const request = new Request("http://localhost/v1/chat/completions", {
      ...{ method: "POST", headers: json, body: endless, duplex: "half" },
    });
    const response = await handler({ librarian: librarian() })(request);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(6_000_000);
  });

  test("over a connection that goes on sending, which is then closed", async () => {
    const { port } = new URL(await addressOf({ maxBodyBytes: 1000 }));
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n");
    socket.write("transfer-encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write(`3e8\r\n${" ".repeat(1000)}\r\n`), 5);
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    // A reset is an end as well.
    await new Promise((resolve) => socket.on("close", resolve));
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("and one that is just as long as the limit is read", async () => {
    const text = JSON.stringify({ model: "librarian", messages: [{ ...question, content: "\u00fc" }] });
    const bytes = new TextEncoder().encode(text).byteLength;
    expect((await post(text, {}, { maxBodyBytes: bytes })).response.status).toBe(200);
    expect((await post(text, {}, { maxBodyBytes: bytes - 1 })).response.status).toBe(413);
  });
});

test("a body that breaks off is no failure of the server's", async () => {
  const errors: unknown[] = [];
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) });
  const request = new Request("http://localhost/v1/chat/completions", {
    ...{ method: "POST", headers: json, body: broken, duplex: "half" },
  });
  const options = { onError: (error: unknown) => void errors.push(error) };
  expect((await handler({ librarian: librarian() }, options)(request)).status).toBe(400);
  expect(errors).toEqual([]);
});

test("a body that does not arrive in time is refused with 408", async () => {
  vi.useFakeTimers();
  try {
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const request = new Request("http://localhost/v1/chat/completions", {
      ...{ method: "POST", headers: json, body: silent, duplex: "half" },
    });
    const answer = handler({ librarian: librarian() })(request);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await answer).status).toBe(408);
  } finally {
    vi.useRealTimers();
  }
});

test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", undefined, "application/jsonx"])(
  "a body of type %s is refused with 415, since pages of other sites may send it unasked",
  async (type) => {
    const { response } = await post(
      { model: "librarian", messages: [question] },
      { headers: type ? { "content-type": type } : {} },
    );
    expect(response.status).toBe(415);
  },
);

test("a body without a type is told first what is wrong in itself", async () => {
  const handle = handler({ librarian: librarian() }, { maxBodyBytes: 1000 });
  const statusOf = async (body: string) =>
    (await handle(new Request("http://localhost/v1/chat/completions", { method: "POST", body }))).status;
  expect(await statusOf("x".repeat(2000))).toBe(413);
  expect(await statusOf("{")).toBe(400);
  expect(await statusOf("{}")).toBe(400);
  expect(await statusOf(JSON.stringify({ model: "nobody", messages: [question] }))).toBe(404);
  expect(await statusOf(JSON.stringify({ model: "librarian", messages: [question] }))).toBe(415);
});

test("a body that is not in UTF-8 is refused with 400, where it would be garbled silently", async () => {
  const body = Buffer.from(
    JSON.stringify({ model: "librarian", messages: [{ ...question, content: "\u00fc" }] }),
    "latin1",
  );
  const { response } = await post("", { body });
  expect(response.status).toBe(400);
});

test("a character that is cut in two by the network is read as one", async () => {
  const text = JSON.stringify({ model: "librarian", messages: [{ ...question, content: "\u{1f642}" }] });
  const seen: unknown[] = [];
  const handle = handler({
    librarian(messages) {
      seen.push(messages[0]?.content);
      return librarian().chat(messages);
    },
  });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of new TextEncoder().encode(text)) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const init = { method: "POST", headers: json, body, duplex: "half" };
  expect((await handle(new Request("http://localhost/v1/chat/completions", init))).status).toBe(200);
  expect(JSON.stringify(seen)).toContain("\u{1f642}");
});

test("a charset beside the type does no harm", async () => {
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  expect((await post({ model: "librarian", messages: [question] }, { headers })).response.status).toBe(200);
});

test.each([
  ["GET", "/v1/chat/completions", "POST"],
  ["DELETE", "/v1/chat/completions", "POST"],
  ["OPTIONS", "/v1/chat/completions", "POST"],
  ["POST", "/v1/models", "GET"],
  ["PUT", "/v1/models/librarian", "GET"],
])("%s %s is refused with 405, and %s named", async (method, path, allowed) => {
  const response = await fetch(`${await addressOf()}${path}`, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe(allowed);
});

test.each([
  "/",
  "/v1",
  "/v1/",
  "/v1/chat/completions/",
  "/v2/models",
  "/v1/../../etc/passwd",
  "/v1/%2e%2e%2fetc",
  "//v1/models",
])("%s is not found", async (path) => {
  const { port } = new URL(await addressOf());
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
  socket.destroy();
});

test("basePath moves the endpoint", async () => {
  const address = await addressOf({ basePath: "/api/llm" });
  expect((await fetch(`${address}/api/llm/models`)).status).toBe(200);
  expect((await fetch(`${address}/v1/models`)).status).toBe(404);
});

test("every answer has an id of its own, which onError is told as well", async () => {
  const ids: string[] = [];
  const served = { broken: (() => Promise.reject(new Error("password=hunter2"))) as never };
  const address = await serve(
    toNodeListener(handler(served, { onError: (_, { requestId }) => void ids.push(requestId) })),
  );
  const body = JSON.stringify({ model: "broken", messages: [question] });
  const failed = await fetch(`${address}/v1/chat/completions`, { method: "POST", headers: json, body });
  expect(await failed.text()).not.toContain("hunter2");
  expect(failed.headers.get("x-request-id")).toMatch(/^req_/);
  expect(ids).toEqual([failed.headers.get("x-request-id")]);
  const missed = await fetch(`${address}/nowhere`);
  expect(missed.headers.get("x-request-id")).not.toBe(ids[0]);
  // What a client does wrong is no failure of the server's.
  expect(ids).toHaveLength(1);
});
