import fc from "fast-check";
import { expect, test } from "vitest";
import { redactError } from "../../src/redact.js";
import { runsOf } from "./runs.js";

const runs = runsOf("test/properties/redaction.test.ts");

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const keys = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60, unit: visible }),
    fc.string({ minLength: 8, maxLength: 20, unit: "grapheme" }),
    fc.string({ minLength: 32, maxLength: 32, unit: fc.constantFrom(..."0123456789abcdef") }),
    // What is this short is found as a word; of letters that no path of a stack has.
    fc.string({ minLength: 4, maxLength: 7, unit: fc.constantFrom("Q", "Z", "7", "+", "/", "=", '"', "\\") }),
  )
  .filter((key) => /[^*]/.test(key) && key.trim() === key);

/** How a key may be spelled, wherever it stands. */
const spellings: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => JSON.stringify(key).slice(1, -1),
  (key) => encodeURIComponent(key),
  (key) => Buffer.from(key).toString("base64").replace(/=+$/, ""),
  (key) => Buffer.from(key).toString("base64url"),
];

/** What may be around a key: each takes what is inside, and the key as it is spelled. */
const wrappings: readonly ((inside: unknown, secret: string) => unknown)[] = [
  (inside) => ["x", inside],
  (inside) => ({ inner: inside }),
  (inside) => Object.assign(Object.create(null), { inside }),
  (inside, secret) => ({ [secret]: inside }),
  (inside, secret) => ({ authorization: `Bearer ${secret}`, "x-api-key": secret, inside }),
  (inside, secret) => Object.assign(new Error(secret), { body: inside }),
  (inside, secret) => new Error(`failed with ${secret}`, { cause: inside }),
  (inside, secret) => new AggregateError([inside, secret], `all of ${secret}`),
  (inside, secret) => Object.assign(new TypeError("refused"), { headers: headers(secret), inside }),
  (inside, secret) => [headers(secret), inside],
];

/** As far as headers can hold it: in a value, and in a name. */
function headers(secret: string): Headers {
  const held = new Headers();
  if (/^[\x21-\x7e]+$/.test(secret)) held.append("x-echo", `you sent ${secret} to us`);
  if (/^[a-z0-9]+$/.test(secret)) held.append(`x-${secret}`, "1");
  return held;
}

const depths = fc.array(fc.constantFrom(...wrappings), { maxLength: 12 });

test("no key stays anywhere in an error, at any depth, in any of its forms, in names and in values", () => {
  fc.assert(
    fc.property(keys, fc.constantFrom(...spellings), depths, fc.boolean(), (key, spell, around, alone) => {
      const secret = spell(key);
      const text = alone ? secret : `before ${secret} after`;
      const cause = around.reduce((inside: unknown, wrap) => wrap(inside, secret), text);
      const error = new Error("outer", { cause });
      redactError(error, ["another-key", key]);
      for (const found of texts(error)) if (found.includes(secret)) expect(found).not.toContain(secret);
    }),
    runs,
  );
}, 300_000);

/** All strings that can be reached, without what a printer may abbreviate or hide. */
function texts(root: unknown): string[] {
  const seen = new Set<unknown>();
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string") found.push(value);
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Headers) found.push(...[...value].flat());
    for (const name of Object.getOwnPropertyNames(value)) {
      found.push(name);
      visit((value as Record<string, unknown>)[name]);
    }
  };
  visit(root);
  return found;
}
