import { call, type Message, model, Session, system } from "callwright";
import { handler, type Served } from "callwright/web";
import { isPlainObject } from "../../../src/json.js";
import { accessOf, references, responseOf } from "../asking.js";
import { mutateJson, mutateText, strange } from "../mutate.js";
import { must } from "../oracle.js";
import type { Random } from "../random.js";
import { eventText, jsonOf, latin1, streams, type WireName, wholes } from "../seeds.js";
import type { Target } from "../target.js";

interface BodyInput {
  readonly served: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, each as one character. */
  readonly body: string;
}

const parameters = {
  type: "object",
  properties: {
    title: { type: "string", description: "The title", pattern: "^[A-Z]", minLength: 1 },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, maxItems: 3 },
    size: { anyOf: [{ type: "number", minimum: 0 }, { type: "null" }] },
  },
  required: ["title", "tags", "size"],
  additionalProperties: false,
  $defs: { tag: { enum: ["new", "old"] } },
};
const find = { name: "find", description: "Finds a book", parameters };
const png = "data:image/png;base64,iVBORw0KGgo=";

/** A body with every member that the endpoint reads. */
const whole = {
  model: "served",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      name: "Ada",
      content: [
        { type: "text", text: "A book?" },
        { type: "image_url", image_url: { url: png, detail: "low" } },
        { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0x", filename: "a.pdf" } },
      ],
    },
    {
      role: "assistant",
      content: "Let me see.",
      tool_calls: [{ id: "call_abc12", type: "function", function: { name: "find", arguments: '{"title":"Momo"}' } }],
    },
    { role: "tool", tool_call_id: "call_abc12", content: "Shelf E" },
    { role: "assistant", content: "It is on shelf E.", refusal: null },
    { role: "user", content: "Thanks. Another one?" },
  ],
  tools: [
    { type: "function", function: { ...find, strict: true } },
    { type: "function", function: { ...find, name: "order", strict: false } },
  ],
  tool_choice: "auto",
  parallel_tool_calls: true,
  response_format: { type: "json_schema", json_schema: { name: "book", schema: parameters, strict: true } },
  temperature: 0.5,
  top_p: 0.9,
  max_tokens: 100,
  stop: ["END"],
  seed: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  reasoning_effort: "low",
  stream: false,
  stream_options: { include_usage: true },
  n: 1,
};
const plain = { model: "served", messages: [{ role: "user", content: "A book?" }] };

/** Answers as the provider would, whole or as a stream. */
function answering(wire: WireName) {
  const fetch = async (_: unknown, init: RequestInit) => {
    const { stream } = JSON.parse(String(init.body));
    const body = stream ? eventText(streams[wire][0] ?? []) : latin1(jsonOf(wholes[wire][wire === "messages" ? 1 : 0]));
    const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
    return responseOf({ status: 200, headers, body, cuts: [] });
  };
  return accessOf(wire, fetch as never);
}

/** Everything that can be served, each answered in memory. */
const servers: Readonly<Record<string, () => Served>> = {
  chat: () => model(references.chat, answering("chat")),
  responses: () => model(references.responses, answering("responses")),
  messages: () => model(references.messages, answering("messages")),
  mistral: () => model("mistral/mistral-small", answering("chat")),
  function: () =>
    call(
      references.messages,
      answering("messages"),
    )((messages: Message[]) => ({
      messages: [system("You are a librarian."), ...messages],
    })),
  session: () => new Session({ model: model(references.chat, answering("chat")) }),
};

export const handlerBodies: Target<BodyInput> = {
  name: "handler-bodies",
  weight: 2,

  make(random) {
    const good = { ...(random.chance(0.8) ? whole : plain), stream: random.chance(0.3) };
    const body = random.chance(0.9) ? mutateJson<unknown>(good, random) : strange(random);
    let text = latin1(jsonOf(body));
    if (random.chance(0.2)) text = mutateText(text, random).replace(/[^\x00-\xff]/g, "?");
    const headers = random.chance(0.05) ? strangeHeaders(random) : { "content-type": "application/json" };
    const served = random.pick(Object.keys(servers));
    const path = random.chance(0.03) ? random.pick(strangePaths) : "/v1/chat/completions";
    return { served, method: random.chance(0.02) ? "GET" : "POST", path, headers, body: text };
  },

  async run({ served, method, path, headers, body }) {
    const told: unknown[] = [];
    const handle = handler(
      { served: (servers[served] as () => Served)() },
      { onError: (error) => void told.push(error) },
    );
    const init = { method, headers, ...(method === "POST" && { body: Buffer.from(body, "latin1") }) };
    const response = await handle(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    must(told.length === 0, `the server is to blame for what a client sent: ${(told[0] as Error)?.stack}`);
    must(response.status < 500, `the status ${response.status}: ${text}`);
    if (response.status < 400) {
      must(!text.includes('data: {"error"'), `an error in a stream: ${text}`);
      return `${response.status}`;
    }
    const { error } = JSON.parse(text);
    must(typeof error.message === "string" && error.message !== "", `an error without words: ${text}`);
    must(error.message.length < 5000, `a message of ${error.message.length} characters`);
    must(
      error.code !== "invalid_request" || typeof error.param === "string" || !isPlainObject(JSON.parse(body)),
      `no param: ${text}`,
    );
    return `${response.status} ${error.code}`;
  },
};

const strangePaths = [
  "/v1/models",
  "/v1/models/served",
  "/v1/models/%ZZ",
  "/v1/models/__proto__",
  "//x/v1/models",
  "/v1//chat/completions",
  "/",
];

function strangeHeaders(random: Random): Record<string, string> {
  const type = random.pick([
    "text/plain",
    "application/json; charset=utf-16",
    "application/JSON",
    "",
    "multipart/form-data",
  ]);
  return {
    "content-type": type,
    ...(random.chance(0.3) && { origin: random.pick(["null", "https://evil.test", "http://localhost:1"]) }),
    ...(random.chance(0.3) && { authorization: random.pick(["Bearer", "Bearer x", "Basic %%%", "__proto__"]) }),
  };
}
