import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const mode = process.env.DECORATOR_MODE;

test("this run is of the mode that its name says", () => {
  const kinds: string[] = [];
  function watch(_target: unknown, context: unknown): void {
    kinds.push(typeof context === "object" ? "tc39" : "legacy");
  }
  class Watched {
    @watch
    method(): void {}
  }
  new Watched().method();
  expect(kinds).toEqual([mode]);
});

test("class fields are what this run's name says: defined, or assigned", () => {
  class Bare {
    field?: string;
  }
  const defined = Object.hasOwn(new Bare(), "field");
  expect(defined ? "define" : "assign").toBe(process.env.CLASS_FIELDS);
});

test("the emitted file holds its own mode's helper", () => {
  const emitted = readFileSync(fileURLToPath(import.meta.url), "utf8");
  // Spelled in halves, so that this line is not what is found.
  const helper = (kind: string) => emitted.includes(`var __${kind} = `);
  expect([helper("decorate"), helper("esDecorate")]).toEqual([mode === "legacy", mode === "tc39"]);
});
