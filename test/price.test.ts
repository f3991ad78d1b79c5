import { call, fallback, override, prompt } from "callwright";
import { script, wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";

const usage = { input: 1_000_000, output: 100_000, cachedInput: 400_000, cacheWrite: 100_000 };

describe.each(["openai/my-own-model", "anthropic/my-own-model"] as const)(
  "a price of your own, with %s",
  (reference) => {
    const wire = reference.startsWith("openai") ? "openai" : "anthropic";

    test("counts plain, cached and written input and output each at its own, in USD per million tokens", async () => {
      await using server = await wireServer();
      server.reply({ text: "Hi", usage });
      const price = { input: 2, output: 10, cachedInput: 0.5, cacheWrite: 4 };

      const response = await call(reference, { ...server[wire], price })(() => prompt`Hi`)();

      const { cacheWriteTokens = 0 } = response.usage ?? {};
      const plain = 1_000_000 - 400_000 - cacheWriteTokens;
      expect(response.cost).toBeCloseTo((plain * 2 + 400_000 * 0.5 + cacheWriteTokens * 4 + 100_000 * 10) / 1e6, 10);
    });

    test("counts cached input as other input where it has no price for it, streamed too", async () => {
      await using server = await wireServer();
      server.reply({ text: "Hi", usage });

      const stream = await call(reference, { ...server[wire], price: { input: 2, output: 10 }, stream: true })(
        () => prompt`Hi`,
      )();
      expect(stream.cost).toBeUndefined();

      expect((await stream.response()).cost).toBeCloseTo(3, 10);
      expect(stream.cost).toBeCloseTo(3, 10);
    });

    test("is not taken for the price of another provider's model", async () => {
      await using server = await wireServer();
      server.reply({ status: 400 });
      const ask = call(reference, {
        ...server[wire],
        price: { input: 2, output: 10 },
        use: [fallback(script(["Hi"]))],
      })(() => prompt`Hi`);

      expect((await ask()).cost).toBeUndefined();
      expect((await override({ model: script(["Hi"]) }, ask)).cost).toBeUndefined();
    });
  },
);
