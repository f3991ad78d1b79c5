import { expect } from "vitest";
import { chat, messages } from "../../streams/wire-chunks.js";
import type { Cell, Outcome, Section } from "../row.js";
import { stream, whole } from "./wire-answers.js";

const on = ["openai", "mistral"];
const ways = ["streamed"] as const;

/** A stream of these choices, or a plain answer with the first of them. */
function choosing(cell: Cell, ...choices: readonly object[]): Promise<Outcome> {
  const base = { id: "chatcmpl-1", model: "gpt-4o-mini" };
  cell.reply(
    cell.streamed
      ? stream(...choices.map((choice) => ({ ...base, choices: [choice] })), chat.finish())
      : { json: { ...base, choices: [{ ...choices[0], finish_reason: "stop" }] } },
  );
  return cell.ask();
}

const page = { url: "https://example.com/a", title: "A" };
const annotation = { type: "url_citation", url_citation: { ...page, start_index: 0, end_index: 2 } };

export const spellings: Section = {
  title: "Other spellings",
  rows: [
    {
      id: "K1",
      report: "A surrogate pair that is cut between two chunks",
      outcome: "The half is held until the next: no piece ends in half a character",
      source: "rakazo#416, eliza#30904",
      on: ["openai", "anthropic"],
      ways,
      async run(cell) {
        const [high, low] = ["\ud83d", "\ude00"];
        const pieces = [`a${high}`, `${low}b`, high, low, `c${high}`, `${low}${high}`, `${low}d`];
        cell.reply(
          cell.target === "anthropic"
            ? {
                chunks: [
                  messages.start(),
                  messages.textBlock(0),
                  ...pieces.map((piece) => messages.text(0, piece)),
                  messages.stop(0),
                  messages.finish(),
                  messages.end,
                ],
              }
            : stream(...pieces.map(chat.text), chat.finish()),
        );
        const texts: string[] = [];
        const { call } = await import("callwright");
        const made: any = call(cell.reference, { ...cell.access, stream: true } as object)(() => "Hi");
        for await (const [{ content }] of await made()) texts.push(content);
        expect(texts.join("")).toBe("a😀b😀c😀😀d");
        expect(texts.filter((text) => /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(text))).toEqual([]);
      },
    },
    {
      id: "K2",
      report: "Half a pair that nothing follows, in text or in what the model thought",
      outcome: "Emitted as it came, at the end",
      source: "rakazo#416, eliza#30904",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply(stream(chat.delta({ reasoning_content: "hm\ud83d" }), chat.text("a\ud83d"), chat.finish()));
        const { response } = await cell.ask();
        expect([response?.reasoning, response?.content]).toEqual(["hm\ud83d", "a\ud83d"]);
      },
    },
    {
      id: "K3",
      report: "`message` in the place of `delta`; a whole `message` behind all deltas; `choices[0].text`",
      outcome: "Read, once",
      source: "WebAI-to-API#55, litellm#5535",
      on,
      ways,
      async run(cell) {
        for (const name of ["message", "delta"])
          for (const index of [0, "0", null, undefined])
            expect(
              (await choosing(cell, { index, [name]: { content: "Hel" } }, { index, [name]: { content: "lo" } })).shown,
            ).toBe("Hello");
        expect((await choosing(cell, { text: "Hel" }, { text: "lo" })).shown).toBe("Hello");
        const repeated = await choosing(
          cell,
          { delta: { content: "Hel" }, message: { content: "Hel" } },
          { delta: { content: "lo" } },
          { delta: {}, message: { role: "assistant", content: "Hello" } },
          { message: { role: "assistant", content: "Hello" } },
        );
        expect(repeated.response?.content).toBe("Hello");
        const beside = await choosing(cell, { delta: {}, message: { content: "Hello" } });
        expect(beside.response?.content).toBe("Hello");
      },
    },
    {
      id: "K4",
      report: 'A plain answer with `delta` or `text` in the place of `message`, or with `index: "0"`',
      outcome: "Read",
      source: "WebAI-to-API#55",
      on,
      ways: ["plain"],
      async run(cell) {
        for (const choice of [
          { delta: { content: "Hello" } },
          { text: "Hello" },
          { index: "0", message: { content: "Hello" } },
        ])
          expect((await choosing(cell, choice)).response?.content).toBe("Hello");
      },
    },
    {
      id: "K5",
      report: "Content as a list: parts of type `text` or `output_text`, plain strings, refusals, unknown parts",
      outcome: "Its text, and its refusals",
      source: "vercel/ai#15890",
      on,
      async run(cell) {
        const content = [
          { type: "text", text: "a" },
          { type: "output_text", text: "b" },
          "c",
          { text: "d" },
          null,
          { type: "image_url", text: "x" },
          { type: "text", text: { toString: 1 } },
        ];
        const { response } = await choosing(cell, { [cell.streamed ? "delta" : "message"]: { content } });
        expect(response?.content).toBe("abcd");
        const refused = { content: [{ type: "refusal", refusal: "No." }] };
        expect((await choosing(cell, { [cell.streamed ? "delta" : "message"]: refused })).response?.refusal).toBe(
          "No.",
        );
      },
    },
    {
      id: "K6",
      report: "Citations: OpenAI's `annotations`",
      outcome: "`response.sources`, each page once",
      source: "the API reference of Chat Completions",
      on: ["openai", "openrouter"],
      async run(cell) {
        const annotations = [annotation, annotation];
        cell.reply(
          cell.streamed
            ? stream(chat.text("Hi"), chat.delta({ annotations }), chat.delta({ annotations }), chat.finish())
            : whole({ content: "Hi", annotations }),
        );
        const { response } = await cell.ask();
        expect(response?.sources).toEqual([{ ...page, raw: annotation }]);
        expect(response?.content).toBe("Hi");
      },
    },
    {
      id: "K7",
      report: "Citations: `citations` and `search_results` of Perplexity and xAI, with every chunk",
      outcome: "`response.sources`, each page once, with its title",
      source: "litellm#13777, litellm#5535",
      on: ["xai", "openai"],
      async run(cell) {
        const more = {
          citations: [page.url, "https://example.com/b"],
          search_results: [{ ...page, date: null, snippet: "All of A." }],
        };
        cell.reply(
          cell.streamed
            ? stream(...["H", "i"].map((content) => chat.delta({ content }, null, more)), { ...chat.finish(), ...more })
            : whole({ content: "Hi" }, "stop", more),
        );
        expect((await cell.ask()).response?.sources).toEqual([
          { ...page, text: "All of A.", raw: more.search_results[0] },
          { url: "https://example.com/b", raw: "https://example.com/b" },
        ]);
      },
    },
    {
      id: "K8",
      report: "Log probabilities",
      outcome: "In `raw` of a plain answer; `raw` of a stream is undefined",
      source: "the API reference of Chat Completions",
      on: ["openai"],
      async run(cell) {
        const logprobs = { content: [{ token: "Hi", logprob: -0.1, bytes: null, top_logprobs: [] }] };
        const choice = { index: 0, [cell.streamed ? "delta" : "message"]: { content: "Hi" }, logprobs };
        const { response } = await choosing(cell, choice);
        if (cell.streamed) expect(response?.raw).toBeUndefined();
        else expect(response?.raw).toMatchObject({ choices: [{ logprobs }] });
      },
    },
    {
      id: "K9",
      report: "OpenRouter's `reasoning_details`, in pieces",
      outcome: "Put together and kept with the message, in a form that can be sent back",
      source: "agno#5802, OpenRouter ai-sdk-provider#423",
      on: ["openrouter"],
      async run(cell) {
        const text = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0 };
        const secret = { type: "reasoning.encrypted", data: "c2VjcmV0", id: "rs_1", index: 1 };
        const details = [{ ...text, text: "Hmm", signature: "sig" }, secret];
        cell.reply(
          cell.streamed
            ? stream(
                chat.delta({ reasoning: "Hm", reasoning_details: [{ ...text, text: "Hm" }] }),
                chat.delta({ reasoning: "m", reasoning_details: [{ ...text, text: "m", signature: null }] }),
                chat.delta({ reasoning_details: [{ ...text, text: "", signature: "sig" }] }),
                chat.delta({ reasoning_details: [secret] }),
                chat.text("Hi"),
                chat.finish(),
              )
            : whole({ content: "Hi", reasoning: "Hmm", reasoning_details: details }),
        );
        const { response } = await cell.ask();
        expect(response?.reasoning).toBe("Hmm");
        expect(response?.message.content).toEqual([
          {
            type: "reasoning",
            text: "Hmm",
            origin: "openrouter",
            data: { type: "reasoning_details", reasoning_details: details },
          },
          { type: "text", text: "Hi" },
        ]);
      },
    },
  ],
};
