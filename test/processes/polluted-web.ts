// Serves in every way there is, in a process where somebody wrote to prototypes before callwright was there. What clients
// get is printed. Arguments: the names to write, and what to write under each.
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Model } from "callwright";

const [, , names, value] = process.argv as unknown as [string, string, string, string];
const hostile = value === "a function" ? () => process.exit(9) : JSON.parse(value);
for (const name of JSON.parse(names)) {
  Object.defineProperty(Object.prototype, name, {
    value: hostile,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

const { call, model, RateLimitError, Session } = await import("callwright");
const { handler, pipe, toNodeListener, toResponse } = await import("callwright/web");

const usage = { inputTokens: 1, outputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
const said: Model = {
  id: "test/said",
  async *run() {
    yield { type: "start", id: "an id", model: "said" };
    yield { type: "text-delta", text: '{"a":1}' };
    yield { type: "finish", reason: "stop", usage: { ...usage, totalTokens: 3 } };
  },
};
const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "by-hand",
    validate: (given: any) => ({ value: { ...given } }),
    jsonSchema: {
      input: () => ({ type: "object", properties: {} }),
      output: () => ({ type: "object", properties: {} }),
    },
  },
};
const served = {
  model: said,
  function: call(said)((messages: any) => ({ messages })),
  streamed: call(said, { stream: true })((messages: any) => ({ messages })) as any,
  value: call(said, { responseModel: schema })((messages: any) => ({ messages })) as any,
  session: new Session({ model: said }),
  limited: () => Promise.reject(new RateLimitError("No.", { provider: "test" })),
  broken: () => Promise.reject(new TypeError("No.")),
};

/** The whole answer to what is sent, without what is made up anew each time. */
async function ask(listener: RequestListener, text: string): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  socket.write(text);
  await new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => server.close(resolve));
  return answer
    .replaceAll(/(chatcmpl-|req_)[\w-]+/g, "an id")
    .replaceAll(/"created":\d+/g, '"created":0')
    .replaceAll(/date: .*/gi, "date");
}

const get = (path: string, headers = "") =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`;
function post(body: object, headers = ""): string {
  const text = JSON.stringify(body);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n${headers}\r\n${text}`;
}

const seen: unknown[] = [];
const listeners = [
  toNodeListener(handler(served)),
  toNodeListener(handler(served, { apiKey: "k" }), {}),
  toNodeListener(handler(served, { cors: ["https://app.test"], hosts: ["localhost"], basePath: "/v1" })),
] as unknown as RequestListener[];
const requests = [
  get("/v1/models"),
  get("/v1/models/model"),
  get("/v1/models/nobody"),
  get("/nowhere"),
  get("/v1/models", "origin: https://evil.test\r\n"),
  get("/v1/models", "origin: https://app.test\r\n"),
  get("/v1/models").replace("localhost", "evil.test"),
  get("/v1/models", "authorization: Bearer k\r\n"),
  get("/v1/models").replace("GET", "OPTIONS"),
  get("/v1/models", "origin: https://app.test\r\naccess-control-request-method: GET\r\n").replace("GET", "OPTIONS"),
  post([]),
  post({ model: "model" }),
  ...Object.keys(served).flatMap((name) =>
    [false, true].map((stream) =>
      post({ model: name, messages: [{ role: "user", content: "Hi" }], stream }, "authorization: Bearer k\r\n"),
    ),
  ),
];
for (const [index, listener] of listeners.entries())
  for (const request of requests) seen.push([index, request, await ask(listener, request)]);

const parsed = toNodeListener(handler(served));
const behindParser: RequestListener = async (incoming, outgoing) => {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  Object.assign(incoming, { body: JSON.parse(String(Buffer.concat(pieces))) });
  await parsed(incoming, outgoing);
};
seen.push(await ask(behindParser, post({ model: "model", messages: [{ role: "user", content: "Hi" }] })));
seen.push(await ask((_, response) => void pipe(model(said).stream("Hi"), response), get("/")));
const asEvents = toNodeListener(async () => toResponse(await model(said).stream("Hi")));
seen.push(await ask(asEvents as RequestListener, get("/")));
const withHeaders = toNodeListener(async () => toResponse(model(said).stream("Hi"), { headers: { "x-a": "1" } }));
seen.push(await ask(withHeaders as RequestListener, get("/")));

console.log(JSON.stringify(seen));
