import { retry } from "callwright";
import { expect } from "vitest";
import { chat } from "../../streams/wire-chunks.js";
import type { Section } from "../row.js";
import { argsOf, look, paced, stream, u } from "./wire-answers.js";

const on = ["openai", "mistral", "openrouter"];
const ways = ["streamed"] as const;
const oslo = chat.tools({ index: 0, id: "call_1", name: "look", args: '{"city":"Oslo"}' });
const rome = (finish: string, more: object = {}) =>
  chat.delta(
    {
      tool_calls: [
        { index: 1, id: "call_2", type: "function", function: { name: "look", arguments: '{"city":"Rome"}' } },
      ],
    },
    finish,
    more,
  );
const both = [{ city: "Oslo" }, { city: "Rome" }];
const finished = (chunk: typeof oslo, reason: string, more: object = {}) => ({
  ...chunk,
  choices: chunk.choices.map((choice) => ({ ...choice, finish_reason: reason })),
  ...more,
});

export const endOfStream: Section = {
  title: "The end of a stream",
  rows: [
    {
      id: "A0",
      report: "Comments for as long as the model is silent",
      outcome: "Ignored; the answer is whole",
      source: "the event stream standard",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply({
          chunks: [": ping\n\n", chat.text("I am "), ": ping\n\n", chat.text("more."), chat.finish(), chat.done],
        });
        const { response, shown } = await cell.ask();
        expect(shown).toBe("I am more.");
        expect(response?.finishReason).toBe("stop");
      },
    },
    {
      id: "A1",
      report: '`finish_reason: "stop"` and usage with every chunk',
      outcome: "The whole text; the last reason and the last usage",
      source: "gcli2api#403, litellm#2195, litellm#19121",
      on,
      ways,
      async run(cell) {
        cell.reply(
          stream(
            chat.delta({ content: "I am " }, "stop", u(10, 2)),
            chat.delta({ content: "more." }, "length", u(10, 4)),
          ),
        );
        const { response, shown } = await cell.ask();
        expect(shown).toBe("I am more.");
        expect(response).toMatchObject({ content: "I am more.", finishReason: "length", usage: { outputTokens: 4 } });
      },
    },
    {
      id: "A2",
      report: 'An empty first chunk says "stop"; the answer comes more than a second later',
      outcome: "The whole answer: before any output, silence is not an end",
      source: "open-webui#23921",
      on: ["openai", "ollama"],
      ways,
      async run(cell) {
        const empty = chat.delta({ role: "assistant", content: "" }, "stop");
        cell.reply(paced(empty, 1300, chat.text("Late, "), chat.text("but whole."), chat.finish(), chat.done));
        const { response, shown } = await cell.ask();
        expect(shown).toBe("Late, but whole.");
        expect(response?.finishReason).toBe("stop");
      },
    },
    {
      id: "A3",
      report: "`tool_calls` as the finish of each of two calls, the second 1.5 seconds later",
      outcome: "Both calls, once each",
      source: "ChatMock#114",
      on: ["openai", "vllm"],
      ways,
      async run(cell) {
        for (const more of [{}, u(10, 5)]) {
          cell.reply(paced(finished(oslo, "tool_calls", more), 1500, rome("tool_calls", more), chat.done));
          const outcome = await cell.ask("Hello?", { tools: [look] });
          expect(argsOf(outcome)).toEqual(both);
          expect(outcome.response).toMatchObject({ finishReason: "tool-calls", toolErrors: [] });
        }
      },
    },
    {
      id: "A4",
      report: '"stop" behind the `tool_calls` finish of each call',
      outcome: "The calls count; the end is `tool-calls`",
      source: "ChatMock#114",
      on,
      ways,
      async run(cell) {
        cell.reply(stream(finished(oslo, "tool_calls"), rome("tool_calls"), chat.finish("stop")));
        const outcome = await cell.ask("Hello?", { tools: [look] });
        expect(argsOf(outcome)).toEqual(both);
        expect(outcome.response?.finishReason).toBe("tool-calls");
      },
    },
    {
      id: "A5",
      report: "A finish with every chunk, no usage, and a pause of more than a second between two",
      outcome: "Text is shown as it comes; the last reason counts",
      source: "litellm#2195",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply(paced(chat.finish("stop", { content: "I am " }), 1300, chat.finish("stop", { content: "more." })));
        const { response, shown } = await cell.ask();
        expect(shown).toBe("I am more.");
        expect(response?.finishReason).toBe("stop");
      },
    },
    {
      id: "A6",
      report: "`[DONE]` after comments, or after a chunk with a role, and nothing else",
      outcome: "`UnexpectedResponseError`, which is tried again",
      source: "coder#26005",
      on,
      ways,
      async run(cell) {
        const role = chat.delta({ role: "assistant", content: "" });
        for (const empty of [[": ping\n\n"], [role], [role, chat.usage(10, 0)], []]) {
          cell.reply(stream(...empty), stream(chat.text("Here."), chat.finish()));
          const before = cell.server.requests.length;
          expect((await cell.ask()).error).toMatchObject({ code: "unexpected_response", retryable: true });
          expect(cell.server.requests).toHaveLength(before + 1);
          cell.reply(stream(...empty), stream(chat.text("Here."), chat.finish()));
          expect((await cell.ask("Hello?", { use: [retry({ delayMs: () => 1 })] })).shown).toBe("Here.");
        }
      },
    },
    {
      id: "A7",
      report: "A finish and no text at all",
      outcome: "An empty answer, which is not an error",
      source: "the API reference of Chat Completions",
      on,
      async run(cell) {
        cell.reply(
          cell.streamed
            ? stream(chat.finish("stop"))
            : { json: { choices: [{ index: 0, message: { content: "" }, finish_reason: "stop" }] } },
        );
        expect((await cell.ask()).response).toMatchObject({ content: "", finishReason: "stop" });
      },
    },
    {
      id: "A8",
      report: "A finish, then silence without `[DONE]`, usage or the end of the body",
      outcome: "The answer, after a second; after three, if it has tool calls",
      source: "the grace for usage that never comes",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply(paced(chat.text("Hello"), chat.finish(), 60_000));
        expect((await cell.ask()).response?.content).toBe("Hello");
        cell.reply(paced(oslo, chat.finish("tool_calls"), 60_000));
        expect(argsOf(await cell.ask("Hello?", { tools: [look] }))).toEqual([{ city: "Oslo" }]);
      },
    },
    {
      id: "A9",
      report: "A finish that comes too early, more text, then a connection that breaks",
      outcome: "`StreamInterruptedError` with what had come: half an answer is not a whole one",
      source: "open-webui#23921",
      on: ["openai"],
      ways,
      async run(cell) {
        cell.reply({
          chunks: [chat.delta({ role: "assistant", content: "" }, "stop"), chat.text("Half of"), chat.text(" it")],
          cutAfter: 2,
        });
        const { error } = await cell.ask();
        expect(error).toMatchObject({ code: "stream_interrupted" });
        expect(error.partial.content).toBe("Half of");
      },
    },
  ],
};
