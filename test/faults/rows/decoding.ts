import { call, model } from "callwright";
import { faults, type WireReply } from "callwright/testing";
import { expect } from "vitest";
import { spellings } from "../../streams/spellings.js";
import { chat, messages, spoken } from "../../streams/wire-chunks.js";
import { answers, type Cell, type Outcome, type Row } from "../row.js";

const text = ["Zwölf ", "\u{1f469}\u{200d}\u{1f680} ", "日本語\n", "end\u{1f600}"];
const whole = text.join("");
const reads = ({ answer }: Outcome) => expect(answer).toBe(whole);

/** A good answer in an unusual form: it must be read as if it were in the usual one. */
export const decoding: readonly Row[] = [
  {
    id: "F20",
    fault: "events, members and blocks of unknown types, no choices, a delta of `null`, no usage",
    replies: () => [{ ...faults.oddChunks(), text }],
    plain: answers(),
    streamed: answers(),
    also(outcome, { streamed }) {
      reads(outcome);
      expect(outcome.response?.usage).toBeUndefined();
      expect(outcome.response?.raw).toEqual(streamed ? undefined : expect.objectContaining({ x_unknown: {} }));
    },
  },
  {
    id: "F20",
    fault: "no usage",
    replies: () => [{ text, usage: null }],
    plain: answers(),
    streamed: answers(),
    also(outcome) {
      reads(outcome);
      expect(outcome.response).toMatchObject({ usage: undefined, cost: undefined, finishReason: "stop" });
    },
  },
  {
    id: "F20",
    fault: "usage that counts along from the first chunk on",
    replies: ({ provider }) => [{ chunks: counting(provider === "openai") }],
    streamed: answers(),
    also(outcome) {
      reads(outcome);
      expect(outcome.response?.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    },
  },
  {
    id: "F26",
    fault: "3 kB with characters of four bytes, divided at 40 places in turn, then at every byte",
    run: divided,
    plain: answers(41),
    streamed: answers(41),
  },
  ...(["crlf", "cr", "mixed"] as const).map(
    (style): Row => ({
      id: "F27",
      fault: `line ends: ${style === "mixed" ? "each another" : style.toUpperCase()}`,
      replies: () => [{ ...faults.lineEndings(style), text }],
      plain: answers(),
      streamed: answers(),
      also: reads,
    }),
  ),
  ...Object.entries(spellings).flatMap(([name, spell]): Row[] =>
    /line end|CRLF/.test(name)
      ? []
      : [
          {
            id: "F27",
            fault: name,
            replies: () => [spelled(spell)],
            // Of these, only the mark may stand before JSON.
            ...(name.includes("mark") && { plain: answers() }),
            streamed: answers(),
            also: reads,
          },
        ],
  ),
  {
    id: "F28",
    fault: "a byte that is no UTF-8, in the text",
    replies: () => [{ ...faults.invalidUtf8(), text }],
    plain: answers(),
    streamed: answers(),
    also: ({ answer }) => expect(answer).toBe(`\ufffd${whole}`),
  },
];

/** Says with each chunk how many tokens there were until then. */
function counting(openai: boolean): readonly (object | string)[] {
  const tokens = (at: number) => (at < text.length ? at : 5);
  if (openai) {
    const usage = (at: number) => chat.usage(10, tokens(at)).usage;
    return [
      ...text.map((piece, at) => ({ ...chat.text(piece), usage: usage(at) })),
      { ...chat.finish(), usage: usage(4) },
      chat.done,
    ];
  }
  const counted = text.map((_, at) => ({ type: "message_delta", delta: {}, usage: { output_tokens: tokens(at) } }));
  const [start, block, ...rest] = spoken("anthropic", text);
  return [start ?? "", block ?? "", ...counted, ...rest].filter((event) => event !== messages.ping);
}

/** What the server would have sent, spelled anew. */
function spelled(spell: (text: string) => string): WireReply {
  return {
    text,
    async *tcp(answer) {
      yield { head: { "content-length": null, "transfer-encoding": "chunked" } };
      let sent = "";
      for await (const chunk of answer.body()) sent += chunk.text;
      yield { chunk: spell(sent) };
    },
  };
}

async function divided({ reference, provider, streamed, server }: Cell): Promise<Outcome> {
  const pieces = Array.from({ length: 14 }, (_, index) => `${index}: zwölf \u{1f469}\u{200d}\u{1f680}\u{1f600}\n`);
  const long = streamed ? pieces : Array(6).fill(pieces).flat();
  // By a step that has no factor in common with the length of a piece, so that each place of a character is met.
  const places = Array.from({ length: 40 }, (_, index) => 37 + index * 67);
  server.reply(...places.map((at) => ({ text: long, splitAt: [at] })), { text: long, splitAt: "every-byte" });
  await using asked = model(reference, server[provider]);
  const shown = new Set<string>();
  for (let count = 0; count <= places.length; count++) {
    if (!streamed) shown.add((await call(asked)(() => "Hi")()).content);
    else {
      const texts: string[] = [];
      for await (const [chunk] of await call(asked, { stream: true })(() => "Hi")()) texts.push(chunk.content);
      shown.add(texts.join(""));
      expect(texts.filter(Boolean)).toEqual(long);
    }
  }
  expect([...shown]).toEqual([long.join("")]);
  return { answer: long.join(""), shown: "", requests: server.requests.length };
}
