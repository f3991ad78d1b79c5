import { expect } from "vitest";
import { chat, eventText, spoken } from "../../streams/wire-chunks.js";
import type { Cell, Section } from "../row.js";

const both = ["openai", "anthropic"];
const ways = ["streamed"] as const;
const answerOf = ({ target }: Cell) => spoken(target === "anthropic" ? "anthropic" : "openai", ["Hello ", "there"]);

/** The answer with something between all of its events. */
function between(cell: Cell, noise: string): void {
  cell.reply({ chunks: answerOf(cell).flatMap((event) => [noise, event, noise]) });
}

export const framing: Section = {
  title: "Framing",
  rows: [
    {
      id: "G1",
      report: "Empty `data:` lines, `data: null`, `event: ping` with empty data, comments, fields that nobody knows",
      outcome: "Ignored",
      source: "wave-agent#1326, copilot-api#88",
      on: both,
      ways,
      async run(cell) {
        for (const noise of [
          "data:\n\n",
          "data: \n\n",
          "data: null\n\n",
          "data:\ndata:\n\n",
          "event: ping\ndata:\n\n",
          "event: ping\ndata: {}\n\n",
          "event: keepalive\ndata: null\n\n",
          ": ping\n\n",
          "something: else\n\n",
          "id: 1\nretry: 3000\n\n",
        ]) {
          between(cell, noise);
          const { response, error } = await cell.ask();
          expect(error, noise).toBeUndefined();
          expect(response?.content).toBe("Hello there");
        }
      },
    },
    {
      id: "G2",
      report: '`[DONE]` with a blank behind it, quoted, in small letters, or as `"data: data: [DONE]"`',
      outcome: "The end",
      source: "copilot-api#88",
      on: ["openai", "mistral"],
      ways,
      async run(cell) {
        for (const done of ["data: [DONE] \n\n", 'data: "[DONE]"\n\n', "data:[done]\n\n", "data: data: [DONE]\n\n"]) {
          cell.reply({ chunks: [chat.text("Hello"), done, "data: {broken\n\n"] });
          const { response, error } = await cell.ask();
          expect(error, done).toBeUndefined();
          expect(response?.content).toBe("Hello");
        }
      },
    },
    {
      id: "G3",
      report: "A good event stream with the content-type `application/json`, `text/html`, `text/plain`, or none",
      outcome: "Read, by how it begins",
      source: "openclaw#97454",
      on: both,
      ways,
      async run(cell) {
        for (const type of [
          "application/json",
          "text/html; charset=utf-8",
          "text/plain",
          "application/octet-stream",
          "",
        ])
          for (const before of ["", "\n\n", ": hello\n\n", "\ufeff"]) {
            cell.reply({ raw: before + eventText(answerOf(cell)), headers: { "content-type": type } });
            const { response, error } = await cell.ask();
            expect(error, type).toBeUndefined();
            expect(response?.content).toBe("Hello there");
          }
      },
    },
    {
      id: "G4",
      report: "Such a stream in pieces of one byte, or with a pause before it begins",
      outcome: "Read",
      source: "openclaw#97454",
      on: both,
      ways,
      async run(cell) {
        const headers = { "content-type": "application/json" };
        cell.reply({ raw: eventText(answerOf(cell)), headers, splitAt: "every-byte" });
        expect((await cell.ask()).response?.content).toBe("Hello there");
        cell.reply({ chunks: ["\n", ...answerOf(cell)], headers, gapMs: 20 });
        expect((await cell.ask()).response?.content).toBe("Hello there");
      },
    },
    {
      id: "G5",
      report: "The JSON of an error with status 200 in the place of the stream, whatever its content-type",
      outcome: "Its class, thrown by the call",
      source: "cherry-studio#11287",
      on: both,
      ways,
      async run(cell) {
        const error =
          cell.target === "anthropic"
            ? { type: "error", error: { type: "rate_limit_error", message: "Slow down." } }
            : { error: { code: 429, message: "Slow down." } };
        for (const type of ["application/json", "text/event-stream", "text/html", ""])
          for (const raw of [JSON.stringify(error), ` \n${JSON.stringify(error, null, 2)}`]) {
            cell.reply({ raw, headers: { "content-type": type } });
            const outcome = await cell.ask();
            expect(outcome.error, type).toMatchObject({ code: "rate_limit", provider: cell.target });
            expect(outcome.error.message).toContain("Slow down.");
          }
      },
    },
    {
      id: "G6",
      report: "A page, half a JSON text or nothing in the place of the stream",
      outcome: "`UnexpectedResponseError` that shows the beginning",
      source: "openclaw#97454",
      on: both,
      ways,
      async run(cell) {
        const cases = [
          ["<html><title>Log in</title></html>", "text/html", false],
          ["<html><title>Log in</title></html>", "text/event-stream", false],
          ['{"id": "1", "choi', "application/json", true],
          ["", "application/json", true],
          ["", "text/html", false],
        ] as const;
        for (const [raw, type, retryable] of cases) {
          cell.reply({ raw, headers: { "content-type": type } });
          const { error } = await cell.ask();
          expect(error).toMatchObject({ code: "unexpected_response", retryable });
          expect(error.message).toContain(raw);
        }
      },
    },
    {
      id: "G7",
      report: "Heartbeats for as long as the connection lasts",
      outcome: "`TimeoutError`: they are not output",
      source: "held before",
      on: both,
      ways,
      async run(cell) {
        for (const beat of [": ping\n\n", "data:\n\n", "data: null\n\n", "event: ping\ndata: {}\n\n"]) {
          const [first, second] = answerOf(cell);
          cell.reply({
            chunks: (async function* () {
              yield* [first as object, second as object];
              for (;;) {
                yield beat;
                await new Promise((resolve) => setTimeout(resolve, 20));
              }
            })(),
          });
          const { error } = await cell.ask("Hello?", { timeouts: { firstEventMs: 200, idleMs: 200 } });
          expect(error, beat).toMatchObject({ code: "timeout" });
        }
      },
    },
    {
      id: "G8",
      report: "A finish that comes too early, output, and then nothing more",
      outcome: "The idle limit counts again: `TimeoutError`",
      source: "open-webui#23921",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply({
          chunks: [chat.finish("stop", { content: "I am " }), chat.text("more")],
          hangAfter: 2,
          gapMs: 50,
        });
        const { error, shown } = await cell.ask("Hello?", { timeouts: { idleMs: 300 } });
        expect(error).toMatchObject({ code: "timeout", phase: "idle" });
        expect(shown).toBe("I am more");
      },
    },
    {
      id: "G9",
      report: "A stream for a call that did not ask for one",
      outcome: "`UnexpectedResponseError`",
      source: "held before",
      on: both,
      ways: ["plain"],
      async run(cell) {
        cell.reply({ raw: eventText(answerOf(cell)), headers: { "content-type": "text/event-stream" } });
        expect((await cell.ask()).error).toMatchObject({ code: "unexpected_response" });
      },
    },
  ],
};
