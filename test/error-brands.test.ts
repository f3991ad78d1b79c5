import * as first from "callwright";
import { CallwrightError, ProviderError, QuotaError, RateLimitError, TemplateError } from "callwright";
import { expect, test, vi } from "vitest";

type ErrorClass = typeof CallwrightError;

/** The error classes of a copy of the package, by name. */
function classesOf(copy: object): Map<string, ErrorClass> {
  return new Map(
    Object.entries(copy).filter(
      ([, each]) =>
        typeof each === "function" &&
        (each === (copy as typeof first).CallwrightError ||
          each.prototype instanceof (copy as typeof first).CallwrightError),
    ),
  );
}

/** An instance whatever the constructor asks for. */
function made(each: ErrorClass): CallwrightError {
  return new (each as any)("It failed.", {
    provider: "openai",
    phase: "total",
    errors: [],
    issues: [],
    transcript: [],
    response: {},
    retryAfterMs: 1,
  });
}

test("isInstance() of each class is true for exactly what instanceof is true for", () => {
  const classes = [...classesOf(first).values()];
  expect(classes.length).toBeGreaterThan(25);
  for (const each of classes)
    for (const other of classes)
      expect([each.name, other.name, each.isInstance(made(other))]).toEqual([
        each.name,
        other.name,
        made(other) instanceof each,
      ]);
  expect(RateLimitError.isInstance(new TemplateError("x"))).toBe(false);
});

test("isInstance() of each class recognises the errors of another copy of the package, and only those of the class", async () => {
  vi.resetModules();
  const second = await import("callwright");
  expect(second.RateLimitError).not.toBe(RateLimitError);
  const theirs = classesOf(second);
  for (const [name, each] of classesOf(first))
    for (const [other, their] of theirs)
      expect([name, other, each.isInstance(made(their))]).toEqual([
        name,
        other,
        made(their) instanceof (theirs.get(name) as ErrorClass),
      ]);
});

test("isInstance() of a class that extends one of the library's knows its own instances only", () => {
  class Slow extends RateLimitError {}
  class Slower extends Slow {}
  const of = (each: typeof RateLimitError) => new each("Slow down.", { provider: "openai" });
  expect([Slow, Slower].map((each) => each.isInstance(of(Slow)))).toEqual([true, false]);
  expect(Slow.isInstance(of(RateLimitError))).toBe(false);
  expect([RateLimitError, ProviderError, CallwrightError].every((each) => each.isInstance(of(Slower)))).toBe(true);
  expect(of(Slow).name).toBe("Slow");
});

test("isInstance() is false for data, other errors and nothing", () => {
  for (const value of [undefined, null, "rate_limit", new Error("x"), { name: "QuotaError", code: "quota" }])
    expect([CallwrightError, QuotaError].some((each) => each.isInstance(value))).toBe(false);
});

test("isInstance() narrows to its class", () => {
  const error: unknown = new QuotaError("Paid up?", { provider: "openai", status: 402 });
  expect(RateLimitError.isInstance(error) && error.status).toBe(402);
});
