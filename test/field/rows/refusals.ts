import { BadRequestError } from "callwright";
import { expect } from "vitest";
import type { Section, Target } from "../row.js";

const words: Readonly<Record<Target, string>> = {
  openai: "Unrecognized request argument supplied: nonsense",
  responses: "Unknown parameter: 'nonsense'.",
  anthropic: "nonsense: Extra inputs are not permitted",
  mistral: "Extra inputs are not permitted",
};

export const refusals: Section = {
  title: "Requests that are refused",
  rows: [
    {
      id: "S1",
      report: "400 or 422 for a member that the API does not know, each in the form of its own errors",
      outcome: "`BadRequestError` with the words of the API; one request, no retry, no text",
      source: "xlinx/sd-webui#29, claude-code#14135, mistral-go#3",
      on: ["openai", "responses", "anthropic", "mistral"],
      async run(cell) {
        const { error, shown, response } = await cell.ask("Hello?", { use: [], extraBody: { nonsense: 1 } });
        expect(error).toBeInstanceOf(BadRequestError);
        expect(error.message).toContain(words[cell.target]);
        expect(error.retryable).toBe(false);
        expect([shown, response]).toEqual(["", undefined]);
        expect(cell.server.requests).toHaveLength(1);
      },
    },
    {
      id: "S2",
      report: "400 `Unexpected role 'user' after role 'tool'`, flat, without an `error` object",
      outcome: "`BadRequestError` with the words of the API",
      source: "onyx#6458",
      on: ["mistral"],
      async run(cell) {
        const message = "Unexpected role 'user' after role 'tool'";
        const json = { object: "error", message, type: "invalid_request_message_order", param: null, code: "3230" };
        cell.reply({ status: 400, json });
        const { error } = await cell.ask();
        expect(error).toBeInstanceOf(BadRequestError);
        expect(error.message).toContain(message);
      },
    },
  ],
};
