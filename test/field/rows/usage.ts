import { budget } from "callwright";
import { expect } from "vitest";
import { chat, messages } from "../../streams/wire-chunks.js";
import type { Cell, Outcome, Section } from "../row.js";
import { stream, whole } from "./wire-answers.js";

const on = ["openai", "mistral"];

/** An answer with this usage: of a plain one in its body, of a stream in its finishing chunk. */
function counted(cell: Cell, usage: unknown, options: object = {}): Promise<Outcome> {
  cell.reply(
    cell.streamed
      ? stream(chat.text("Hi"), chat.delta({}, "stop", { usage }))
      : whole({ content: "Hi" }, "stop", { usage }),
  );
  return cell.ask("Hello?", options);
}

const written = {
  input_tokens: 100,
  output_tokens: 10,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 1000,
  cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 },
};

function written1h(cell: Cell, options: object = {}): Promise<Outcome> {
  const [start, ...rest] = [
    messages.start(written),
    messages.textBlock(0),
    messages.text(0, "Hi"),
    messages.stop(0),
    messages.finish("end_turn", { output_tokens: 10 }),
    messages.end,
  ];
  const { message } = start as { message: object };
  cell.reply(
    cell.streamed
      ? { chunks: [start as object, ...rest] }
      : { json: { ...message, content: [{ type: "text", text: "Hi" }], stop_reason: "end_turn", usage: written } },
  );
  return cell.ask("Hello?", options);
}

export const usages: Section = {
  title: "Usage",
  rows: [
    {
      id: "F1",
      report: "Moonshot's usage in `choices[0]`",
      outcome: "Read",
      source: "pi#2017",
      on,
      ways: ["streamed"],
      async run(cell) {
        const end = chat.finish();
        const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cached_tokens: 4 };
        cell.reply(stream(chat.text("Hi"), { ...end, choices: [{ ...end.choices[0], usage }] }));
        expect((await cell.ask()).response?.usage).toMatchObject({
          inputTokens: 10,
          outputTokens: 5,
          cachedInputTokens: 4,
          totalTokens: 15,
        });
      },
    },
    {
      id: "F2",
      report: "`usage: {}` or zeros with the finish, the real one behind it or before it",
      outcome: "The real one",
      source: "rust-genai#242",
      on,
      ways: ["streamed"],
      async run(cell) {
        const real = chat.usage(10, 5);
        for (const usage of [{}, chat.usage(0, 0).usage, null]) {
          for (const chunks of [
            [chat.text("Hi"), chat.delta({}, "stop", { usage }), real],
            [chat.text("Hi"), chat.delta({}, "stop", { usage }), { ...chat.delta({}), usage: real.usage }],
            [chat.text("Hi"), chat.delta({}, "stop", { usage: real.usage }), chat.delta({}, null, { usage })],
          ]) {
            cell.reply(stream(...chunks));
            expect((await cell.ask()).response?.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
          }
        }
      },
    },
    {
      id: "F3",
      report: "`usage: {}`, `null` or zeros, and nothing else",
      outcome: "`usage` and `cost` are undefined, not 0",
      source: "rust-genai#242",
      on,
      async run(cell) {
        const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
        for (const usage of [
          {},
          null,
          undefined,
          zeros,
          [],
          "none",
          { prompt_tokens: "many" },
          { prompt_tokens: -1 },
        ]) {
          const { response } = await counted(cell, usage);
          expect([response?.content, response?.usage, response?.cost]).toEqual(["Hi", undefined, undefined]);
        }
      },
    },
    {
      id: "F4",
      report: "A total that counts cached tokens besides: prompt 3, completion 5, cached 20000, total 20008",
      outcome: "Output 5; the cached tokens are part of the input",
      source: "Portkey#1754",
      on: ["openai", "openrouter"],
      async run(cell) {
        const usage = {
          prompt_tokens: 3,
          completion_tokens: 5,
          total_tokens: 20_008,
          prompt_tokens_details: { cached_tokens: 20_000 },
        };
        expect((await counted(cell, usage)).response?.usage).toMatchObject({
          inputTokens: 20_003,
          cachedInputTokens: 20_000,
          outputTokens: 5,
          totalTokens: 20_008,
        });
        const inside = { ...usage, prompt_tokens: 20_003 };
        expect((await counted(cell, inside)).response?.usage).toMatchObject({
          inputTokens: 20_003,
          outputTokens: 5,
          totalTokens: 20_008,
        });
      },
    },
    {
      id: "F5",
      report: "xAI and Google: what the model thought is in the total alone",
      outcome: "Part of the output, for these two only",
      source: "pi#5737",
      on: ["xai", "google", "openai"],
      async run(cell) {
        const usage = {
          prompt_tokens: 10,
          completion_tokens: 5,
          total_tokens: 115,
          completion_tokens_details: { reasoning_tokens: 100 },
        };
        expect((await counted(cell, usage)).response?.usage).toMatchObject({
          inputTokens: 10,
          outputTokens: cell.target === "openai" ? 5 : 105,
          reasoningTokens: 100,
          totalTokens: 115,
        });
      },
    },
    {
      id: "F6",
      report: "`input_tokens` and `output_tokens`; numbers as text; no total",
      outcome: "Read",
      source: "pi#5737",
      on,
      async run(cell) {
        for (const usage of [
          { input_tokens: 10, output_tokens: 5 },
          { prompt_tokens: "10", completion_tokens: "5", total_tokens: "15" },
          { input_tokens: "10", output_tokens: 5, total_tokens: null },
          { prompt_tokens: 10, total_tokens: 15 },
        ])
          expect((await counted(cell, usage)).response?.usage).toEqual({
            inputTokens: 10,
            outputTokens: 5,
            cachedInputTokens: 0,
            cacheWriteTokens: 0,
            reasoningTokens: 0,
            totalTokens: 15,
          });
      },
    },
    {
      id: "F7",
      report: "Anthropic's `cache_creation.ephemeral_1h_input_tokens`",
      outcome: "Priced at twice the input, by the table, by a price of your own and in `budget`",
      source: "the documentation of prompt caching",
      on: ["anthropic"],
      async run(cell) {
        const { response } = await written1h(cell);
        expect(response?.usage).toMatchObject({
          inputTokens: 1100,
          cacheWriteTokens: 1000,
          cacheWrite1hTokens: 600,
          outputTokens: 10,
        });
        // Claude Haiku 4.5: 1 USD per million of input, 5 of output.
        const usd = (100 * 1 + 400 * 1.25 + 600 * 2 + 10 * 5) / 1e6;
        expect(response?.cost).toBeCloseTo(usd, 12);

        const price = { input: 10, output: 100, cacheWrite: 12 };
        const own = await written1h(cell, { price });
        expect(own.response?.cost).toBeCloseTo((100 * 10 + 400 * 12 + 600 * 20 + 10 * 100) / 1e6, 12);

        const spent = budget({ usd: 1 });
        await written1h(cell, { use: [spent] });
        expect(spent.spent.usd).toBeCloseTo(usd, 12);
      },
    },
    {
      id: "F8",
      report: "Groq's `x_groq.usage`; usage that counts along; usage with the finish",
      outcome: "The last one",
      source: "held before",
      on: ["groq"],
      ways: ["streamed"],
      async run(cell) {
        const { usage } = chat.usage(10, 5);
        cell.reply(stream(chat.text("Hi"), chat.delta({}, "stop", { x_groq: { id: "req_1", usage } })));
        expect((await cell.ask()).response?.usage?.totalTokens).toBe(15);
        cell.reply(
          stream(
            chat.delta({ content: "H" }, null, { usage: chat.usage(10, 1).usage }),
            chat.delta({ content: "i" }, null, { usage: chat.usage(10, 2).usage }),
            chat.finish(),
            chat.usage(10, 5),
          ),
        );
        expect((await cell.ask()).response?.usage?.totalTokens).toBe(15);
      },
    },
    {
      id: "F9",
      report: "Anthropic's usage with zeros in the last event, or nothing but zeros",
      outcome: "The counts from before; undefined",
      source: "litellm#12481",
      on: ["anthropic"],
      ways: ["streamed"],
      async run(cell) {
        const text = [messages.textBlock(0), messages.text(0, "Hi"), messages.stop(0)];
        const zeros = { input_tokens: 0, output_tokens: 0 };
        const last = messages.finish("end_turn", { input_tokens: 0, output_tokens: 7 });
        cell.reply({ chunks: [messages.start({ input_tokens: 20, output_tokens: 1 }), ...text, last, messages.end] });
        expect((await cell.ask()).response?.usage).toMatchObject({ inputTokens: 20, outputTokens: 7 });
        cell.reply({ chunks: [messages.start(zeros), ...text, messages.finish("end_turn", zeros), messages.end] });
        expect((await cell.ask()).response).toMatchObject({ content: "Hi", usage: undefined });
      },
    },
  ],
};
