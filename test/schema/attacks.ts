import type { JsonSchema } from "../../src/schema/standard.js";

const range = (length: number) => Array.from({ length }, (_, index) => index);
const refTo = (index: number) => `#/$defs/d${index}`;

function defined(length: number, definition: (index: number) => JsonSchema, last: JsonSchema = { type: "string" }) {
  const $defs = Object.fromEntries(range(length).map((n) => [`d${n}`, n === length - 1 ? last : definition(n)]));
  return { type: "object", properties: { a: { $ref: refTo(0) } }, required: ["a"], additionalProperties: false, $defs };
}

const objectOf = (properties: JsonSchema): JsonSchema => ({ type: "object", properties });

/** Small schemas that mean a great deal, by what multiplies in them. */
export const attacks: Readonly<Record<string, JsonSchema>> = {
  "definitions that refer to the next one twice, beside a keyword": defined(60, (n) =>
    objectOf({ a: { $ref: refTo(n + 1), minLength: 1 }, b: { $ref: refTo(n + 1), minLength: 2 } }),
  ),
  "definitions that intersect the next one with something, twice": defined(60, (n) =>
    objectOf({
      a: { allOf: [{ $ref: refTo(n + 1) }, objectOf({ x: { type: "string" } })] },
      b: { allOf: [{ $ref: refTo(n + 1) }, objectOf({ y: { type: "string" } })] },
    }),
  ),
  "choices of the next definition, twice": defined(60, (n) => ({
    anyOf: [{ $ref: refTo(n + 1) }, { $ref: refTo(n + 1), description: "again" }],
  })),
  "optional members that are choices of references": {
    ...defined(300, (n) => ({ anyOf: [{ $ref: refTo(n + 1) }, { $ref: refTo(Math.min(n + 2, 299)) }] })),
    properties: Object.fromEntries(
      range(300).map((n) => [`m${n}`, { anyOf: [{ $ref: refTo(n) }, { $ref: refTo(0) }] }]),
    ),
    required: [],
  },
  "choices of many, spread over many members": {
    type: "object",
    properties: Object.fromEntries(range(600).map((n) => [`m${n}`, { type: "string" }])),
    anyOf: range(600).map((n) => ({ required: [`m${n}`] })),
  },
  "an intersection of 4,000": {
    type: "object",
    properties: { a: { allOf: range(4000).map((n) => objectOf({ [`m${n}`]: { type: "string" } })) } },
  },
  "an intersection of 4,000 of the same member": {
    type: "object",
    properties: { a: { allOf: range(4000).map((n) => objectOf({ m: { type: "string", description: `No. ${n}` } })) } },
  },
  "5,000 definitions in a row": defined(5000, (n) => objectOf({ next: { $ref: refTo(n + 1) } })),
  "5,000 definitions in a row, each beside a keyword": defined(5000, (n) =>
    objectOf({ next: { $ref: refTo(n + 1), minProperties: 1 } }),
  ),
  "5,000 definitions that are the next one": defined(5000, (n) => ({ $ref: refTo(n + 1) })),
  "5,000 definitions that intersect the next one": defined(5000, (n) => ({
    allOf: [{ $ref: refTo(n + 1) }, { description: `No. ${n}` }],
  })),
  "5,000 definitions that all refer to each other": defined(5000, (n) => ({
    anyOf: [{ $ref: refTo(n + 1) }, { $ref: refTo((n * 13 + 2) % 5000) }, { type: "null" }],
  })),
  "members that intersect themselves": {
    type: "object",
    properties: { a: { $ref: "#/$defs/d0" } },
    $defs: {
      d0: { allOf: [{ $ref: "#/$defs/d0" }, objectOf({ a: { $ref: "#/$defs/d0", title: "x", minLength: 1 } })] },
    },
  },
  "a definition that is itself": {
    type: "object",
    properties: { a: { $ref: refTo(0) } },
    $defs: { d0: { $ref: refTo(0) } },
  },
  "references of one name": {
    type: "object",
    properties: Object.fromEntries(range(3000).map((n) => [`m${n}`, { $ref: `#/$defs/d${n}/properties/x` }])),
    $defs: Object.fromEntries(range(3000).map((n) => [`d${n}`, objectOf({ x: { type: "string" } })])),
  },
};
