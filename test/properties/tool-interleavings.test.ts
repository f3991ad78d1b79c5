import fc from "fast-check";
import { expect, test } from "vitest";
import { eventText } from "../streams/wire-chunks.js";
import { anyText } from "./any-text.js";
import { runsOf } from "./runs.js";
import { batched, chunksOf, inOrder, reader, type Said, type Turn, wireNames } from "./wire-streams.js";

const runs = runsOf("test/properties/tool-interleavings.test.ts");

/** Arguments that are JSON or not, cut anywhere. */
const args = fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom("", "{}", '{"a":'), anyText("{", '"'));
const calls = fc.record({ text: args, cuts: fc.array(fc.nat(40), { maxLength: 5 }) }).map(({ text, cuts }): Said => {
  const at = cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b);
  return { tool: true, pieces: [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length)) };
});
const texts = fc.record({ tool: fc.constant(false), pieces: fc.array(anyText(), { maxLength: 3 }) });

/** An answer, and an order in which its parts take turns; each part's own pieces keep theirs. */
const interleavings = fc
  .array(fc.oneof({ weight: 4, arbitrary: calls }, { weight: 1, arbitrary: texts }), { minLength: 1, maxLength: 5 })
  .chain((said) => {
    const order = inOrder(said).map(({ at }) => at);
    const shuffled = fc.shuffledSubarray(order, { minLength: order.length, maxLength: order.length });
    const joins = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
    return fc.record({ said: fc.constant(said), order: shuffled, joins });
  });

function turnsIn(order: readonly number[], said: readonly Said[]): Turn[] {
  const left = said.map((_, index) => inOrder(said).filter(({ at }) => at === index));
  return order.map((at) => left[at]?.shift() as Turn);
}

test("tools are the same in whichever order their pieces come, and however they are cut", async () => {
  const readers = { chat: reader("chat"), messages: reader("messages"), responses: reader("responses") };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...wireNames), interleavings, async (wire, { said, order, joins }) => {
      const turns = turnsIn(order, said);
      const mixed = await readers[wire]([asEvents(batched(chunksOf(wire, said, turns), joins))]);
      const straight = await readers[wire]([asEvents(chunksOf(wire, said, inOrder(said)))]);
      expect([mixed.calls, mixed.tools, mixed.invalid]).toEqual([straight.calls, straight.tools, straight.invalid]);
      // A loop sees them at the end, in the order of the calls.
      expect(mixed.shown).toEqual(mixed.tools);
    }),
    runs,
  );
}, 300_000);

function asEvents(chunks: readonly (object | string)[]): Uint8Array {
  return Buffer.from(eventText(chunks.map((chunk) => (typeof chunk === "string" ? `${chunk}\n\n` : chunk))));
}
