import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { estimateText } from "../../src/tokens.js";
import { corpus } from "./corpus.js";

// The bounds that the doc comment of estimateText states.
const errorOf = (text: string) => estimateText(text) / countTokens(text) - 1;

describe("the estimate of tokens, measured against o200k_base", () => {
  test.each(Object.entries(corpus))("is at most 30 %% below and 40 %% above for %s", (_, text) => {
    expect(errorOf(text)).toBeGreaterThan(-0.3);
    expect(errorOf(text)).toBeLessThan(0.4);
  });

  test("is within 5 % over all kinds of text together", () => {
    const texts = Object.values(corpus);
    const estimated = texts.reduce((sum, text) => sum + estimateText(text), 0);
    const counted = texts.reduce((sum, text) => sum + countTokens(text), 0);
    expect(Math.abs(estimated / counted - 1)).toBeLessThan(0.05);
  });

  test("grows as the text does, and is 0 for none", () => {
    expect(estimateText("")).toBe(0);
    const text = Object.values(corpus).join("\n");
    expect(estimateText(text.repeat(10)) / estimateText(text)).toBeCloseTo(10, 0);
  });

  test.each(["a", "A", "aB", "aé", "é", "\u0301", "字", "한", "7", " ", "\n ", "_", " a", "😀", "\ud800"])(
    "takes time linear in a text of many %j",
    (piece) => {
      const seconds = (count: number) => {
        const text = piece.repeat(count);
        const before = performance.now();
        estimateText(text);
        return performance.now() - before;
      };
      seconds(1000);
      // Quadratic work would take 400 times as long, and minutes.
      expect(seconds(200_000)).toBeLessThan(100 * (seconds(10_000) + 1));
    },
  );
});
