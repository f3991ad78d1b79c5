import { format } from "@cfworker/json-schema";
import { type Check, type ConversationResult, connect, defineAgent, local, ScenarioError } from "callwright/connect";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { knownFormats } from "../../src/connect/json-schema-keywords.js";

/** Runs checks of one answer. */
async function resultOf(answer: string, ...checks: readonly unknown[]): Promise<ConversationResult> {
  let result: ConversationResult | undefined;
  const backend = local({
    scenarios: [{ id: "a", turns: ["Hi."], checks: checks as Check[] }],
    onResult(each) {
      result = each;
    },
  });
  await connect(
    defineAgent(() => answer),
    { backend, pollMs: 1 },
  );
  return result!;
}
const verdict = async (answer: string, check: unknown) => (await resultOf(answer, check)).checks[0]!.passed;
async function refusal(check: unknown): Promise<string> {
  try {
    await resultOf("Hi.", check);
    return "not refused";
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as ScenarioError).message;
  }
}

describe("text", () => {
  test("composed and decomposed accents are the same", async () => {
    const [composed, decomposed] = ["caf\u00e9 Stra\u00dfe \uac00", "cafe\u0301 Stra\u00dfe \u1100\u1161"];
    for (const [answer, wanted] of [
      [composed, decomposed],
      [decomposed, composed],
    ] as const) {
      expect(await verdict(answer, { contains: wanted })).toBe(true);
      expect(await verdict(answer, { notContains: wanted })).toBe(false);
      expect(await verdict(answer, { matches: wanted })).toBe(true);
      expect(await verdict(answer, { notMatches: new RegExp(wanted, "u") })).toBe(false);
    }
  });

  const typographic = "I\u2019m \u201csorry\u201d,\u00a0as\u202fan\nAI  lan\u00adguage model\u200b.";
  test("with normalize, typographic quotes, special spaces and line breaks are plain ones", async () => {
    const said = `I'm "sorry", as an AI language model.`;
    expect(await verdict(typographic, { notContains: said })).toBe(true);
    expect(await verdict(typographic, { notContains: said, normalize: true })).toBe(false);
    expect(await verdict(said, { contains: typographic, normalize: true })).toBe(true);
    expect(await verdict(typographic, { notMatches: `i'm "sorry", as an ai` })).toBe(true);
    expect(await verdict(typographic, { notMatches: `/i'm "sorry", as an ai/i`, normalize: true })).toBe(false);
    expect(await verdict(said, { matches: /I\u2019m/, normalize: true })).toBe(true);
  });

  test.each([
    [{ notContains: "" }, /notContains must be a text that is not empty/],
    [{ contains: "\u00ad\u200b", normalize: true }, /nothing left to look for/],
    [{ contains: "a", normalize: "yes" }, /normalize must be true or false/],
    [{ judge: "Fine.", normalize: true }, /normalize has no meaning beside judge/],
  ])("%j is refused", async (check, problem) => {
    expect(await refusal(check)).toMatch(problem);
  });
});

describe("patterns", () => {
  test.each([
    ["As an AI model", "/as an ai/i", true],
    ["As an AI model", "as an ai", false],
    ["one\ntwo", "/^two$/m", true],
    ["one\ntwo", "/one.two/gs", true],
    ["see /usr/bin", "\\/usr\\/bin", true],
    ["a/b", "/a\\/b/", true],
    ["\u{1f600}", "/^.$/u", true],
    ["\u{1f600}", "^.$", true],
  ])("%j and %s: %j", async (answer, pattern, found) => {
    expect(await verdict(answer, { matches: pattern })).toBe(found);
    expect(await verdict(answer, { notMatches: pattern })).toBe(!found);
  });

  test.each(["/as an ai/x", "/as an ai/ii", "/usr/bin", "/(/i", "(", "/a/uv"])(
    "%s is refused, since it would match nothing that was meant",
    async (pattern) => {
      for (const kind of ["matches", "notMatches"])
        expect(await refusal({ [kind]: pattern })).toMatch(new RegExp(`${kind} is not a valid regular expression`));
    },
  );

  test.each(["$100", "costs $100|only $5", "a^b", "x^", "(?!)", "[]", "a[]|(?!)", "/a(?:$b)/", /$./u, "(?!a*)b"])(
    "%s can never match, and is refused",
    async (pattern) => {
      expect(await refusal({ notMatches: pattern })).toMatch(/can never match/);
    },
  );

  test.each(["a*", ".*", "^", "$", "^.*", "(?:a?|b)", "a{0,3}", "|a", "x*$", "/[^]*/"])(
    "%s matches everything, and is refused",
    async (pattern) => {
      expect(await refusal({ matches: pattern })).toMatch(/matches every text/);
    },
  );

  test.each([
    "\\$100",
    "^a",
    "a$",
    "^$|a",
    "/$^/m",
    "/a$\\nb/m",
    "a?b",
    "(?=a)",
    "(?!a)",
    "^a*$",
    "[$^]a",
    "\\b",
    "(a)?\\1b",
  ])("%s is taken", async (pattern) => {
    expect(await refusal({ matches: pattern })).toBe("not refused");
    expect(await refusal({ notMatches: pattern })).toBe("not refused");
  });
});

describe("JSON Schemas", () => {
  const defs = { $defs: { list: { type: ["object", "null"], properties: { next: { $ref: "#/$defs/list" } } } } };
  test.each<[what: string, schema: object, good: unknown, bad: unknown]>([
    ["maxLength counts code points", { maxLength: 2 }, "\u{1f600}\u{1f600}", "abc"],
    ["minLength counts code points", { minLength: 2 }, "ab", "\u{1f600}"],
    ["const ignores the order of members", { const: { a: 1, b: [2] } }, { b: [2], a: 1 }, { a: 1, b: [2, 3] }],
    ["enum ignores the order of members", { enum: [{ a: 1, b: 2 }] }, { b: 2, a: 1 }, { a: 1 }],
    ["format email", { format: "email" }, "momo@example.org", "momo at example.org"],
    ["format date", { format: "date" }, "2024-02-29", "2023-02-29"],
    ["oneOf", { oneOf: [{ type: "number" }, { minimum: 3 }] }, 2, 4],
    ["not", { not: { type: "string" } }, 1, "1"],
    ["$ref", { $ref: "#/$defs/list", ...defs }, { next: { next: null } }, { next: { next: 1 } }],
    ["$ref beside others", { $ref: "#/$defs/a", $defs: { a: { minimum: 1 } }, maximum: 2 }, 1, 3],
    [
      "uniqueItems",
      { uniqueItems: true },
      [{ a: 1 }, { a: 2 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ["exclusive bounds", { exclusiveMinimum: 1, exclusiveMaximum: 2 }, 1.5, 2],
    ["multipleOf", { multipleOf: 0.1 }, 0.3, 0.35],
    ["if and else", { if: { type: "string" }, else: { minimum: 1 } }, "a", 0],
    ["prefixItems", { prefixItems: [{ type: "string" }], items: false }, ["a"], ["a", 1]],
    ["items as a list", { items: [{ type: "string" }], additionalItems: false }, ["a"], ["a", 1]],
    ["draft 4", { $schema: "http://json-schema.org/draft-04/schema#", minimum: 1, exclusiveMinimum: true }, 2, 1],
    ["patternProperties", { patternProperties: { "^n": { type: "number" } } }, { n1: 1 }, { n1: "1" }],
    ["required", { required: ["toString"] }, { toString: 1 }, {}],
    ["dependentRequired", { dependentRequired: { a: ["b"] } }, { b: 1 }, { a: 1 }],
    ["a name of the whole", { $id: "book", $ref: "#/$defs/a", $defs: { a: { minimum: 1 } } }, 1, 0],
    ["contains", { contains: { const: 1 } }, [0, 1], [0]],
  ])("%s", async (_, schema, good, bad) => {
    const frozen = Object.freeze(schema);
    expect(await verdict(JSON.stringify(good), { schema: frozen })).toBe(true);
    expect(await verdict(JSON.stringify(bad), { schema: frozen })).toBe(false);
  });

  test("the reason names the place", async () => {
    const book = {
      type: "object",
      properties: { "a/b": { type: "object", properties: { year: { type: "integer" } } } },
    };
    const { checks } = await resultOf('{"a/b":{"year":1.5}}', { schema: book });
    expect(checks[0]!.reason).toMatch(/^a\/b\.year: .*integer/);
  });

  test.each<[object, RegExp]>([
    [{}, /allows every value/],
    [{ description: "A book." }, /allows every value/],
    [{ properties: { a: {}, b: true }, items: [{}], allOf: [], minLength: 0 }, /allows every value/],
    [{ anyOf: [{ type: "string" }, {}] }, /allows every value/],
    [{ $ref: "#/$defs/a", $defs: { a: { properties: { b: { $ref: "#/$defs/a" } } } } }, /allows every value/],
    [{ else: { type: "string" } }, /allows every value/],
    [{ typ: "string" }, /uses typ, which is not checked. Did you mean type\?/],
    [{ minlength: 3 }, /Did you mean minLength\?/],
    [{ $id: "book" }, /allows every value/],
    [{ properties: { a: { $id: "a", type: "string" } } }, /uses \$id, which is not checked/],
    [{ nullable: true }, /uses nullable, which is not checked/],
    [{ toString: 1 }, /uses toString/],
    [{ type: "string", format: "phone" }, /format: "phone", which must be one of date, time/],
    [{ format: "constructor" }, /must be one of/],
    [{ maximum: "3" }, /maximum: "3", which must be a number/],
    [{ exclusiveMinimum: true, minimum: 1 }, /exclusiveMinimum: true, which must be a number/],
    [{ minLength: -1 }, /minLength: -1, which must be a whole number/],
    [{ pattern: "(" }, /pattern: "\(", which must be a regular expression/],
    [{ patternProperties: { "(": {} } }, /"\(" in patternProperties/],
    [{ enum: [] }, /enum: \[\], which must be a list that is not empty/],
    [{ $ref: "#/$defs/none" }, /not in it/],
    [{ $ref: "https://example.org/schema" }, /not in it/],
    [{ $ref: "#" }, /lead back to themselves/],
    [{ allOf: [{ $ref: "#/$defs/a" }], $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } }, /lead back to themselves/],
  ])("%j is refused", async (schema, problem) => {
    expect(await refusal({ schema })).toMatch(problem);
  });

  test("references that multiply are refused before anything is checked", async () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => {
        const $ref = `#/$defs/d${at + 1}`;
        return [`d${at}`, { allOf: [{ $ref }, { $ref }] }];
      }),
    );
    const schema = { $ref: "#/$defs/d0", $defs: { ...$defs, d40: { type: "string" } } };
    expect(await refusal({ schema })).toMatch(/more than 10000 schemas to one value/);
  });

  test("a list that would take too long to compare does not fit", async () => {
    const long = `[${"0,".repeat(10_000)}0]`;
    const { checks } = await resultOf(long, { schema: { uniqueItems: true } });
    expect(checks[0]).toMatchObject({ passed: false, reason: expect.stringMatching(/more than 10000 items/) });
    expect(await verdict(long, { schema: { items: { type: "number" } } })).toBe(true);
  });

  test("every format that the validator checks is taken, and no other", () => {
    expect([...knownFormats].sort()).toEqual(Object.keys(format).sort());
  });

  test("a polluted prototype changes no verdict", async () => {
    const polluted = Object.prototype as { type?: string };
    polluted.type = "number";
    try {
      expect(await verdict('{"a":"text"}', { schema: { properties: { a: { minLength: 1 } } } })).toBe(true);
    } finally {
      delete polluted.type;
    }
  });

  test("a schema of a library decides by itself", async () => {
    const schema = z.object({ year: z.number() });
    expect(await verdict('{"year":1973}', { schema })).toBe(true);
    expect(await verdict('{"year":"1973"}', { schema })).toBe(false);
  });
});
