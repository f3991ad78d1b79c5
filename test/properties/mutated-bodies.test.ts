import { call, type Message, model, Session, system } from "callwright";
import { wireServer } from "callwright/testing";
import { handler, type Served } from "callwright/web";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "./runs.js";

// Each run is a request over HTTP.
const runs = runsOf("test/properties/mutated-bodies.test.ts", 1_000);

const parameters = {
  type: "object",
  properties: {
    title: { type: "string", description: "The title" },
    tags: { type: "array", items: { $ref: "#/$defs/tag" } },
    size: { anyOf: [{ type: "number", minimum: 0 }, { type: "null" }] },
  },
  required: ["title", "tags", "size"],
  additionalProperties: false,
  $defs: { tag: { enum: ["new", "old"] } },
};
const find = { name: "find", description: "Finds a book", parameters };
const png = "data:image/png;base64,iVBORw0KGgo=";

/** A body that every provider takes, and that holds every kind of member which the endpoint reads. */
const whole = {
  model: "served",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
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
    { role: "assistant", content: "It is on shelf E." },
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

/** Values that stand where another kind of value belongs. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(null, 5, -1, 1e308, true, "", " ", "\ud800", "%", "%ZZ", "#/$defs/%ZZ", "#/$defs/missing"),
  fc.constantFrom<unknown>(
    [],
    {},
    [null],
    [5],
    { $ref: "#" },
    { $ref: "#/$defs/%" },
    { $ref: "https://x.test" },
    {
      type: "input_audio",
      input_audio: { data: "UklGRgAAAABXQVZF", format: "wav" },
    },
  ),
  fc.constantFrom<unknown>("constructor", "__proto__", "toString", { constructor: 1 }, { allOf: [{ $ref: "#" }] }),
  fc.constantFrom<unknown>("data:image/png,100% done", "data:,", "data:text/plain;base64,%%%", "file:///etc/passwd"),
  fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text)),
);
const members = [
  "required",
  "properties",
  "type",
  "enum",
  "$ref",
  "items",
  "content",
  "role",
  "tool_call_id",
  "strict",
];

const mutation = fc.record({
  /** Where, as a fraction of all places. */
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  how: fc.constantFrom("replace", "remove", "add", "repeat"),
  value: strange,
  member: fc.constantFrom(...members),
});

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    { holder: value as Record<string, unknown>, name },
    ...placesIn(inner),
  ]);
}

function mutated(changes: readonly (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[]): object {
  const body = structuredClone(whole);
  for (const { at, how, value, member } of changes) {
    const places = placesIn(body);
    const { holder, name } = places[Math.floor(at * places.length)] ?? {
      holder: body as Record<string, unknown>,
      name: "x",
    };
    const inner = holder[name];
    if (how === "remove" && Array.isArray(holder)) holder.splice(Number(name), 1);
    else if (how === "remove") delete holder[name];
    else if (how === "repeat" && Array.isArray(holder)) holder.push(structuredClone(inner));
    else if (how === "add" && typeof inner === "object" && inner !== null && !Array.isArray(inner))
      Reflect.set(inner, member, structuredClone(value));
    else holder[name] = structuredClone(value);
  }
  return body;
}

test("whatever a client changes in a body, it is answered or told its mistake, and the owner hears nothing", async () => {
  await using server = await wireServer();
  const servers: Record<string, () => Served> = {
    chat: () => model("openai/gpt-4o-mini", server.openai),
    responses: () => model("openai/gpt-4o-mini", { ...server.openai, api: "responses" }),
    anthropic: () => model("anthropic/claude-haiku-4-5", server.anthropic),
    mistral: () => model("mistral/mistral-small", server.mistral),
    "a function": () =>
      call(
        "anthropic/claude-haiku-4-5",
        server.anthropic,
      )((messages: Message[]) => ({
        messages: [system("You are a librarian."), ...messages],
      })),
    "a session": () => new Session({ model: model("openai/gpt-4o-mini", server.openai) }),
  };
  const changes = fc.array(mutation, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(servers)), changes, async (kind, list) => {
      const told: unknown[] = [];
      // The provider's own refusal is told, too.
      const onError = (error: any) => void (error.code === "bad_request" || told.push(error));
      const handle = handler({ served: servers[kind]!() }, { onError });
      const body = JSON.stringify(mutated(list));
      const init = { method: "POST", headers: { "content-type": "application/json" }, body };
      const response = await handle(new Request("http://localhost/v1/chat/completions", init));
      const text = await response.text();
      expect(told, body).toEqual([]);
      expect(response.status, `${text} ${body}`).toBeLessThan(500);
      if (response.status !== 400) return;
      const { error } = JSON.parse(text);
      if (error.code === "invalid_request") expect(error.param, text).toEqual(expect.any(String));
    }),
    runs,
  );
}, 120_000);
