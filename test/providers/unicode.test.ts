import { describe, expect, test } from "vitest";
import { fitUnicode } from "../../src/providers/unicode.js";

const half = "\uD83D";

describe("a body", () => {
  test("without halves of surrogate pairs is returned as it is, not copied", () => {
    const body = { messages: [{ role: "user", content: "Fine 😀" }], tools: [{ name: "look" }] };
    expect(fitUnicode(body)).toBe(body);
  });

  test("has U+FFFD in the place of each half, in texts, keys and lists, and is not changed itself", () => {
    const body = { a: ["x", half], [`${half}k`]: { deep: [`${half}!`] }, fine: 1 };
    const before = structuredClone(body);
    expect(fitUnicode(body)).toEqual({ a: ["x", "\uFFFD"], "\uFFFDk": { deep: ["\uFFFD!"] }, fine: 1 });
    expect(body).toEqual(before);
  });

  test("is read once, however deep a half lies in it", () => {
    let reads = 0;
    const watched = (value: object): object =>
      new Proxy(value, {
        get(target, key) {
          reads++;
          return Reflect.get(target, key);
        },
      });
    let body: object = { leaf: half };
    for (let level = 0; level < 40; level++) body = watched({ inner: body });
    fitUnicode(body);
    expect(reads).toBeLessThan(1000);
  });
});
