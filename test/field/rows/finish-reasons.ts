import { expect } from "vitest";
import { z } from "zod";
import { chat } from "../../streams/wire-chunks.js";
import type { Cell, Outcome, Section } from "../row.js";
import { stream, whole } from "./wire-answers.js";

const on = ["openai", "mistral"];

function ending(cell: Cell, word: string, options: object = {}): Promise<Outcome> {
  const content = '{"a":1}';
  cell.reply(cell.streamed ? stream(chat.text(content), chat.finish(word)) : whole({ content }, word));
  return cell.ask("Hello?", options);
}

const words = {
  stop: [
    "stop",
    "STOP",
    "Stop",
    "end_turn",
    "eos",
    "eos_token",
    "stop_sequence",
    "FINISH_REASON_STOP",
    "COMPLETE",
    "endTurn",
  ],
  length: [
    "length",
    "LENGTH",
    "max_tokens",
    "MAX_TOKENS",
    "maxTokens",
    "model_length",
    "max_output_tokens",
    "model_context_window_exceeded",
  ],
  "content-filter": [
    "content_filter",
    "CONTENT_FILTER",
    "SAFETY",
    "RECITATION",
    "sensitive",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "IMAGE_SAFETY",
    "refusal",
    "guardrail_intervened",
    "content-filter",
  ],
  "tool-calls": ["tool_calls", "TOOL_CALLS", "tool_use", "function_call", "tool_call"],
  unknown: ["banana", "OTHER"],
} as const;

export const finishReasons: Section = {
  title: "Finish reasons",
  rows: [
    {
      id: "E1",
      report: "`end_turn`, `MAX_TOKENS`, `SAFETY`, `sensitive`, `eos`, `tool_use` and others, in any case",
      outcome: "`stop`, `length`, `content-filter` or `tool-calls`, by kind",
      source: "qwen-code#9884, litellm#12481",
      on,
      async run(cell) {
        for (const [reason, spelled] of Object.entries(words))
          for (const word of spelled) expect((await ending(cell, word)).response?.finishReason, word).toBe(reason);
      },
    },
    {
      id: "E2",
      report: "`error`, `ERROR`, `abort`, `network_error`, `MALFORMED_FUNCTION_CALL`",
      outcome: "`ServerError`, with what had come as `partial`",
      source: "qwen-code#9884",
      on,
      async run(cell) {
        for (const word of ["error", "ERROR", "abort", "network_error", "MALFORMED_FUNCTION_CALL"]) {
          const { error, shown } = await ending(cell, word);
          expect(error, word).toMatchObject({ code: "server", provider: cell.target });
          if (cell.streamed) expect([shown, error.partial.content]).toEqual(['{"a":1}', '{"a":1}']);
        }
      },
    },
    {
      id: "E3",
      report: "DeepSeek's `insufficient_system_resource`",
      outcome: "`OverloadedError`",
      source: "the API reference of DeepSeek",
      on: ["deepseek"],
      async run(cell) {
        expect((await ending(cell, "insufficient_system_resource")).error).toMatchObject({ code: "overloaded" });
      },
    },
    {
      id: "E4",
      report: "An answer with a whole value that was cut off, filtered or failed, however that is spelled",
      outcome: "A `responseModel` does not take it",
      source: "litellm#12481",
      on: ["openai"],
      async run(cell) {
        for (const word of [...words.length, ...words["content-filter"], "error"]) {
          const { value, error } = await ending(cell, word, { responseModel: z.object({ a: z.number() }) });
          expect(value, word).toBeUndefined();
          expect(error, word).toBeDefined();
        }
      },
    },
    {
      id: "E5",
      report: '`finish_reason` as `""` or `"null"` while the answer goes on',
      outcome: "Not an end",
      source: "ollama#4357",
      on: ["openai", "ollama"],
      ways: ["streamed"],
      async run(cell) {
        for (const word of ["", "null"]) {
          cell.reply({ chunks: [chat.finish(word, { content: "Half" })] });
          expect((await cell.ask()).error, word).toMatchObject({ code: "stream_interrupted" });
          cell.reply(
            stream(chat.finish(word, { content: "Wh" }), chat.finish(word, { content: "ole" }), chat.finish()),
          );
          expect((await cell.ask()).response).toMatchObject({ content: "Whole", finishReason: "stop" });
        }
      },
    },
  ],
};
