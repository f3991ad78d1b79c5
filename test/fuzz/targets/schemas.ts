import { call, type Schema, tool } from "callwright";
import { accessOf, references } from "../asking.js";
import { mutateJson, strange } from "../mutate.js";
import { checkError, must } from "../oracle.js";
import type { Random } from "../random.js";
import { jsonOf, type WireName, wholes, wireNames } from "../seeds.js";
import type { Target } from "../target.js";

interface SchemaInput {
  readonly schema: any;
  readonly wire: WireName;
  readonly as: "tool" | "value";
}

const good = {
  type: "object",
  properties: {
    title: { type: "string", description: "The title", pattern: "^[A-Z]", format: "email", minLength: 1, default: "A" },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, minItems: 1, uniqueItems: true },
    size: { anyOf: [{ type: "number", minimum: 0 }, { type: "null" }] },
    both: { allOf: [{ $ref: "#/$defs/named" }, { type: "object", properties: { age: { type: "integer" } } }] },
    more: { type: "object", additionalProperties: { type: "string" } },
    next: { $ref: "#" },
    kind: { oneOf: [{ const: 1 }, { enum: ["a", null] }], not: { const: 2 } },
    pair: { type: "array", prefixItems: [{ type: "string" }, true], items: false },
  },
  required: ["title", "tags"],
  additionalProperties: false,
  $defs: {
    tag: { enum: ["new", "old"] },
    named: {
      type: "object",
      properties: { name: { type: ["string", "null"] }, of: { $ref: "#/$defs/named" } },
      required: ["name"],
    },
  },
};

/** The body of the last request. */
let sent = "";
const asks = (wire: WireName, options: object) => {
  const fetch = (async (_: unknown, init: RequestInit) => {
    sent = String(init.body);
    return Response.json(wholes[wire][wire === "messages" ? 1 : 0]);
  }) as unknown as () => Promise<Response>;
  return call(references[wire], { ...accessOf(wire, fetch), ...options } as object)(
    () => "Hi",
  ) as unknown as () => Promise<unknown>;
};

export const schemas: Target<SchemaInput> = {
  name: "schemas",
  weight: 2,

  make: (random) => ({
    schema: random.chance(0.3) ? grown(random) : mutateJson<unknown>(good, random),
    wire: random.pick(wireNames),
    as: random.pick(["tool", "value"] as const),
  }),

  async run({ schema, wire, as }) {
    sent = "";
    try {
      const input = standard(schema);
      const options =
        as === "tool"
          ? { tools: [tool({ name: "look", description: "Looks.", input })((args) => String(args))] }
          : { responseModel: input };
      await asks(wire, options)();
    } catch (error) {
      const code = checkError(error, true);
      // Nothing is sent to learn that a schema cannot be sent. An answer that does not fit is another matter.
      must(sent !== "" || code === "configuration", `a schema is refused with ${code}: ${(error as Error).stack}`);
      if (sent === "") return code;
    }
    const size = jsonOf(schema).length;
    must(sent.length <= 2_000_000 + 50 * size, `${sent.length} characters of a schema of ${size}`);
    JSON.parse(sent);
    return "sent";
  },
};

/** A schema that says itself what it looks like, and takes everything. */
function standard(schema: any): Schema {
  const jsonSchema = { input: () => structuredClone(schema), output: () => structuredClone(schema) };
  return {
    "~standard": { version: 1, vendor: "fuzz", validate: (value: unknown) => ({ value }), jsonSchema },
  } as Schema;
}

/** A schema whose definitions refer to each other, in ways that multiply. */
function grown(random: Random): unknown {
  const count = 1 + random.below(random.chance(0.1) ? 60 : 8);
  const $defs = Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index}`, piece(random, count, 0)]));
  const root = random.chance(0.8)
    ? { type: "object", properties: { a: piece(random, count, 0), b: piece(random, count, 0) } }
    : {};
  return { ...root, ...(random.chance(0.2) && (piece(random, count, 1) as object)), $defs };
}

function piece(random: Random, count: number, depth: number): unknown {
  const ref = () => ({ $ref: `#/$defs/d${random.below(count)}`, ...(random.chance(0.4) && { description: "x" }) });
  const inner = () => (depth > 2 || random.chance(0.6) ? ref() : piece(random, count, depth + 1));
  switch (random.below(8)) {
    case 0:
      return { anyOf: [inner(), inner()] };
    case 1:
      return { allOf: [inner(), inner()] };
    case 2:
      return { type: "object", properties: { a: inner(), b: inner() }, required: random.chance(0.5) ? ["a"] : [] };
    case 3:
      return { type: "array", items: inner() };
    case 4:
      return { oneOf: [inner(), inner(), { type: "null" }], type: random.pick(["object", "string", "null"]) };
    case 5:
      return {
        type: "object",
        additionalProperties: inner(),
        ...(random.chance(0.5) && { properties: { a: inner() } }),
      };
    case 6:
      return random.chance(0.5) ? strange(random) : { type: random.pick(["string", "number", "integer", "boolean"]) };
    default:
      return ref();
  }
}
