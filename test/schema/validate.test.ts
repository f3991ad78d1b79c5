import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { AbortedError, ConfigurationError } from "../../src/errors.js";
import { formatIssues, settled, validate, validateSync } from "../../src/schema/validate.js";

const handwritten = (check: (value: unknown) => ReturnType<StandardSchemaV1["~standard"]["validate"]>) =>
  ({ "~standard": { version: 1, vendor: "handwritten", validate: check } }) satisfies StandardSchemaV1;

test.each([
  ["zod 4", z.object({ pages: z.number() })],
  ["zod 3", z3.object({ pages: z3.number() })],
  ["ArkType", type({ pages: "number" })],
  ["Valibot", v.object({ pages: v.number() })],
])("the verdict of %s is passed through, and nothing is coerced", async (_, schema) => {
  expect(await validate(schema, { pages: 3 })).toMatchObject({ value: { pages: 3 } });
  for (const pages of ["1", Number.NaN, undefined, null]) {
    const { issues } = await validate(schema, { pages });
    expect(Array.from(issues?.[0]?.path ?? [], (step) => (typeof step === "object" ? step.key : step))).toEqual([
      "pages",
    ]);
  }
});

test("what a schema's own code throws becomes a configuration error with that cause", async () => {
  const cause = new Error("database is down");
  const throwing = handwritten(() => {
    throw cause;
  });
  const rejecting = handwritten(() => Promise.reject(cause));

  expect(() => validate(throwing, 1)).toThrow(ConfigurationError);
  expect(() => validate(throwing, 1)).toThrow(expect.objectContaining({ cause }));
  await expect(validate(rejecting, 1)).rejects.toMatchObject({ code: "configuration", cause });
});

test("an error of the library that a schema's code throws stays itself", () => {
  const error = new AbortedError("The call was aborted.", { reason: "tired" });
  expect(() =>
    validate(
      handwritten(() => {
        throw error;
      }),
      1,
    ),
  ).toThrow(error);
});

test("a value too deep for the schema's recursion is an issue, not a configuration error", async () => {
  const node: z.ZodType = z.object({ next: z.lazy(() => node.optional()) });
  let deep: object = {};
  for (let level = 0; level < 200_000; level++) deep = { next: deep };
  expect(await validate(node, deep)).toMatchObject({ issues: [{ message: expect.stringContaining("too deep") }] });
});

test("a schema that needs to wait is an error where nobody can", () => {
  const asynchronous = z.string().refine(async () => false);
  expect(() => validateSync(asynchronous, "x", "The field title of Book")).toThrow(
    /^The field title of Book validates asynchronously; /,
  );
  expect(validateSync(z.string(), "x", "The field title of Book")).toMatchObject({ value: "x" });
});

test("a late answer that nobody waits for leaves no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const rejecting = handwritten(() => Promise.reject(new Error("late")));
  expect(() => validateSync(rejecting, 1, "The field id")).toThrow(/validates asynchronously/);
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("what has a then and no catch is an error where nobody can wait, too", () => {
  // biome-ignore lint/suspicious/noThenProperty: some promise libraries have no more than this
  const thenable = { then() {} } as unknown as Promise<string>;
  expect(() => settled(thenable, "The field id")).toThrow(/^The field id validates asynchronously/);
});

test("issues are shown one to a line with their path", () => {
  const issues = [
    { message: "Too\nlong", path: ["recipe", { key: "steps" }, 0] },
    { message: "Not allowed" },
    { message: "Odd", path: [Symbol("tag")] },
  ];
  expect(formatIssues(issues)).toBe("recipe.steps.0: Too long\nNot allowed\nSymbol(tag): Odd");
});

test("thousands of issues stay under 2 kB and say how many are left out", () => {
  const issues = Array.from({ length: 5000 }, (_, index) => ({ message: "ü".repeat(1000), path: ["list", index] }));
  const text = formatIssues(issues);
  expect(new TextEncoder().encode(text).length).toBeLessThan(2000);
  expect(text).toMatch(/^list\.0: ü+…\n[\s\S]*… and 499\d more$/);
});
