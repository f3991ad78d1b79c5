import { completion } from "callwright";
import { script } from "callwright/testing";
import { handler } from "callwright/web";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "../calls/wires.js";
import { attacks } from "../schema/attacks.js";

const messages = [{ role: "user", content: "Hi" }];
const asTool = (parameters: unknown, strict = false) => [
  { type: "function", function: { name: "look", description: "Looks", parameters, strict } },
];
const asFormat = (schema: unknown, strict = true) => ({
  type: "json_schema",
  json_schema: { name: "answer", schema, strict },
});

let deep: object = { type: "string" };
for (let level = 0; level < 10_000; level++) deep = { type: "object", properties: { inner: deep } };

const broken: readonly [name: string, schema: unknown, message: RegExp][] = [
  [
    "required: 5",
    { type: "object", properties: { a: { type: "object", required: 5 } } },
    /properties\.a\.required must be a list of names/,
  ],
  ["properties: []", { type: "object", properties: [] }, /properties must be an object of schemas/],
  [
    "an unknown reference",
    { type: "object", properties: { a: { $ref: "#/$defs/None" } } },
    /refers to "#\/\$defs\/None"/,
  ],
  ["ten thousand levels", deep, /nested more than 150 deep/],
];

const placeOfTool = "tools[0].function.parameters";
const placeOfFormat = "response_format.json_schema.schema";

onBothWires((wire) => {
  const ask = (request: object) =>
    completion({ model: wire.reference, messages, ...wire.access, ...request, stream: false });

  test.each(broken)(
    "a schema with %s is an error that names its place, and nothing is sent",
    async (_, schema, message) => {
      for (const [place, request] of [
        [placeOfTool, { tools: asTool(schema) }],
        [placeOfFormat, { response_format: asFormat(schema) }],
      ] as const) {
        const error = await errorOf(ask(request));
        expect(error).toMatchObject({ name: "ConfigurationError", issues: [{ path: [place] }] });
        expect(error.message).toContain(`cannot read ${place}`);
        expect(error.message).toMatch(message);
      }
      expect(wire.server.requests).toEqual([]);
    },
  );

  test.each(["string", "array", "null"])("a tool whose parameters are of type %s is an error", async (type) => {
    const error = await errorOf(ask({ tools: asTool({ type }) }));
    expect(error.issues).toEqual([
      { message: expect.stringContaining("JSON Schema of an object"), path: [placeOfTool] },
    ]);
  });

  test("a tool whose parameters are a union or an intersection of objects is offered as one object", async () => {
    const [a, b] = ["a", "b"].map((name) => ({
      type: "object",
      properties: { [name]: { type: "string" } },
      required: [name],
    }));
    for (const parameters of [
      { oneOf: [a, b] },
      { anyOf: [a, b] },
      { type: "object", anyOf: [a, b] },
      { allOf: [a, b] },
    ]) {
      wire.server.reply({ toolCalls: [{ name: "look", args: { b: "x" } }] });
      const { choices } = await ask({ tools: asTool(parameters) });
      const [offered] = wire.body.tools;
      const schema = offered.input_schema ?? offered.function.parameters;
      expect(schema).toMatchObject({ type: "object", properties: { a: {}, b: {} } });
      expect(Object.keys(schema)).not.toEqual(expect.arrayContaining(["anyOf"]));
      expect(choices[0]?.message.tool_calls?.[0]?.function.arguments).toBe('{"b":"x"}');
    }
  });

  test.each([undefined, null, {}, { type: "object" }])("parameters of %j are no parameters", async (parameters) => {
    await ask({ tools: asTool(parameters) });
    const [offered] = wire.body.tools;
    expect(offered.input_schema ?? offered.function.parameters).toEqual({ type: "object", properties: {} });
  });

  test("a format that is not strict is asked for by a tool if the provider cannot hold it, and comes as text", async () => {
    const schema = {
      type: "object",
      properties: { scores: { type: "object", additionalProperties: { type: "number" } } },
    };
    const isOpenai = wire.provider === "openai";
    const answer = { scores: { a: 1 } };
    wire.server.reply(isOpenai ? { text: JSON.stringify(answer) } : { toolCalls: [{ name: "answer", args: answer }] });
    const { choices } = await ask({ response_format: asFormat(schema, false) });
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { content: JSON.stringify(answer) } });
    expect(choices[0]?.message).not.toHaveProperty("tool_calls");
    if (!isOpenai) expect(wire.body.tool_choice).toMatchObject({ name: "answer" });
    if (!isOpenai)
      await expect(ask({ response_format: asFormat(schema) })).rejects.toThrow(
        /^The schema of the answer: the field scores is a record/,
      );
  });

  test.each(Object.entries(attacks))("%s are answered or refused, as a tool and as a format", async (_, schema) => {
    for (const request of [
      { tools: asTool(schema, true) },
      { tools: asTool(schema) },
      { response_format: asFormat(schema) },
    ]) {
      const answer = await ask(request).catch((error: unknown) => error);
      expect(answer instanceof Error ? answer.name : "answered").toMatch(/^(answered|ConfigurationError)$/);
    }
  });
});

describe("a served call", () => {
  const serve = handler({ here: script([{ text: "Hello." }]) as never });
  const post = (body: object) =>
    serve(
      new Request("http://127.0.0.1/v1/chat/completions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "here", messages, ...body }),
      }),
    );

  test.each(broken.filter(([name]) => name !== "ten thousand levels"))(
    "answers %s with 400 and the field",
    async (_, schema, message) => {
      for (const [param, body] of [
        [placeOfTool, { tools: asTool(schema) }],
        [placeOfFormat, { response_format: asFormat(schema) }],
      ] as const) {
        const response = await post(body);
        expect(response.status).toBe(400);
        const { error } = (await response.json()) as any;
        expect(error).toMatchObject({ type: "invalid_request_error", param });
        expect(error.message).toMatch(message);
      }
    },
  );
});
