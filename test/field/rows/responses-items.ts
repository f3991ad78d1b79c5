import { type CallOptions, tool } from "callwright";
import { expect } from "vitest";
import { z } from "zod";
import { responseOf, thought } from "../../providers/response-items.js";
import type { Cell, Section } from "../row.js";

const on = ["responses"] as const;
const streamed = ["streamed"] as const;
const clock = tool({ name: "clock", description: "Tells the time.", input: z.object({ zone: z.string() }) })(
  async ({ zone }) => zone,
);
const withTools = { tools: [clock] } as CallOptions;

const said = (text: string, more: object = {}) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [], ...more }],
});
const refused = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  content: [{ type: "refusal", refusal: "I cannot." }],
};
const called = { id: "fc_1", type: "function_call", call_id: "call_1", name: "clock", arguments: '{"zone":"UTC"}' };
const searched = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "q" } };

const created = { type: "response.created", response: { ...responseOf([]), status: "in_progress" } };
const completed = (output: readonly unknown[], more: object = {}) => ({
  type: "response.completed",
  response: { ...responseOf(output), ...more },
});
const event = (type: string, output_index: number, more: object) => ({
  type: `response.${type}`,
  output_index,
  ...more,
});
const textDelta = (delta: string, at = 0) => event("output_text.delta", at, { content_index: 0, delta });
const added = (item: object, at = 0) => event("output_item.added", at, { item });
const done = (item: object, at = 0) => event("output_item.done", at, { item });

async function answerOf(cell: Cell, chunks: readonly object[]) {
  cell.reply({ chunks: [created, ...chunks] });
  const { response, shown, error } = await cell.ask("Hello?", withTools);
  expect(error).toBeUndefined();
  return { response: response as NonNullable<typeof response>, shown };
}

export const responsesItems: Section = {
  title: "Items of the Responses API",
  rows: [
    {
      id: "H1",
      report: "`response.completed` holds all, and no delta came: text, refusal, a call, reasoning",
      outcome: "All of it, once",
      source: "TanStack/ai#937",
      on,
      ways: streamed,
      async run(cell) {
        const { response, shown } = await answerOf(cell, [completed([thought, said("I am."), called])]);
        expect(shown).toBe("I am.");
        expect(response).toMatchObject({
          content: "I am.",
          reasoning: "First.\n\nSecond.",
          finishReason: "tool-calls",
        });
        expect(response.toolCalls).toMatchObject([{ id: "call_1", name: "clock", arguments: '{"zone":"UTC"}' }]);
        const refusal = await answerOf(cell, [completed([refused])]);
        expect(refusal.response).toMatchObject({ content: "", refusal: "I cannot." });
      },
    },
    {
      id: "H2",
      report: "Only `…done` events came",
      outcome: "All of it, once",
      source: "workers#1020, sub2api#6925",
      on,
      ways: streamed,
      async run(cell) {
        const whole = event("output_text.done", 0, { content_index: 0, text: "I am." });
        const call = event("function_call_arguments.done", 1, {
          item_id: "fc_1",
          name: "clock",
          arguments: called.arguments,
        });
        for (const chunks of [
          [whole, call, completed([])],
          [whole, call, completed([said("I am."), called])],
          [whole, done(said("I am.")), call, done(called, 1), completed([said("I am."), called])],
          [done(said("I am.")), done(called, 1), completed([])],
        ]) {
          const { response, shown } = await answerOf(cell, chunks);
          expect(shown).toBe("I am.");
          expect(response.toolCalls).toMatchObject([{ name: "clock", arguments: '{"zone":"UTC"}' }]);
          expect(response.tools).toHaveLength(1);
        }
        const refusal = event("refusal.done", 0, { content_index: 0, refusal: "I cannot." });
        expect((await answerOf(cell, [refusal, completed([refused])])).response.refusal).toBe("I cannot.");
      },
    },
    {
      id: "H3",
      report: "Deltas that lost the end of a text or of a call's arguments",
      outcome: "What is missing is added by the whole",
      source: "vercel/ai#13844",
      on,
      ways: streamed,
      async run(cell) {
        const begun = { ...called, arguments: "" };
        const part = event("function_call_arguments.delta", 1, { delta: '{"zone":' });
        for (const chunks of [
          [
            added(said("")),
            textDelta("I "),
            done(said("I am.")),
            added(begun, 1),
            part,
            done(called, 1),
            completed([]),
          ],
          [added(said("")), textDelta("I "), added(begun, 1), part, completed([said("I am."), called])],
          [
            textDelta("I "),
            event("output_text.done", 0, { content_index: 0, text: "I am." }),
            part,
            completed([said("I am."), called]),
          ],
        ]) {
          const { response, shown } = await answerOf(cell, chunks);
          expect(shown).toBe("I am.");
          expect(response.content).toBe("I am.");
          expect(response.toolCalls).toMatchObject([{ id: "call_1", arguments: '{"zone":"UTC"}' }]);
          expect(response.tools).toHaveLength(1);
        }
      },
    },
    {
      id: "H4",
      report: "Deltas that lost a piece before the end",
      outcome: "The response has the whole, with the warning `stream_lost_piece`; the chunks show what came",
      source: "workers#1020",
      on,
      ways: streamed,
      async run(cell) {
        const begun = { ...called, arguments: "" };
        const parts = ['{"zo', '"UTC"}'].map((delta) => event("function_call_arguments.delta", 1, { delta }));
        const { response, shown } = await answerOf(cell, [
          ...[added(said("")), textDelta("I "), textDelta("so."), done(said("I am so."))],
          ...[added(begun, 1), ...parts, done(called, 1), completed([said("I am so."), called])],
        ]);
        expect(shown).toBe("I so.");
        expect(response.content).toBe("I am so.");
        expect(response.message.content).toMatchObject([{ text: "I am so." }, { arguments: '{"zone":"UTC"}' }]);
        expect(response.tools).toHaveLength(1);
        expect(response.warnings.map(({ code }) => code)).toEqual(["stream_lost_piece", "stream_lost_piece"]);
      },
    },
    {
      id: "H5",
      report:
        "Everything comes two or three times: deltas, `done` events, items and the whole; with other ids or no index",
      outcome: "Once",
      source: "TanStack/ai#937",
      on,
      ways: streamed,
      async run(cell) {
        const other = [
          { ...said("I am."), id: "msg_other" },
          { ...called, id: "fc_other" },
        ];
        const bare = (chunk: Record<string, unknown>) => ({ ...chunk, output_index: undefined });
        const all = [
          ...[added(said("")), textDelta("I "), textDelta("am.")],
          event("output_text.done", 0, { content_index: 0, text: "I am." }),
          event("content_part.done", 0, { content_index: 0, part: { type: "output_text", text: "I am." } }),
          ...[done(said("I am.")), added({ ...called, arguments: "" }, 1)],
          event("function_call_arguments.delta", 1, { delta: called.arguments }),
          ...[event("function_call_arguments.done", 1, { arguments: called.arguments }), done(called, 1)],
        ];
        for (const chunks of [
          [...all, completed([said("I am."), called])],
          [...all, completed(other)],
          [...all, completed([called])],
          [textDelta("I am.", undefined), completed([said("I am.")])].map(bare),
          [bare(textDelta("I am.")), done(said("I am.")), completed(other.slice(0, 1))],
          [...all, completed([thought, said("I am."), called])],
          [...all.map((chunk) => ({ ...chunk, output_index: 0 })), completed([said("I am."), called])],
          [textDelta("I ", 1), textDelta("am.", 1), completed([said("I am.")])],
          [textDelta("I am."), done(said("I am.")), done(said("I am.")), completed([said("I am.")])],
          [done(said("I am.")), event("output_text.done", 0, { content_index: 0, text: "I am." }), completed(other)],
        ]) {
          const { response, shown } = await answerOf(cell, chunks as object[]);
          expect(shown).toBe("I am.");
          expect(response.warnings).toEqual([]);
          expect(response.toolCalls.length).toBeLessThanOrEqual(1);
        }
      },
    },
    {
      id: "H6",
      report: "Items of other kinds, such as `web_search_call`, and reasoning beside them",
      outcome: "Kept in the message, whole and in their order, as data of the provider",
      source: "vercel/ai#8379",
      on,
      async run(cell) {
        const output = [thought, searched, said("Found.")];
        const chunks = [
          created,
          done(thought),
          added({ ...searched, status: "in_progress" }, 1),
          done(searched, 1),
          done(said("Found."), 2),
          completed(output),
        ];
        cell.reply(cell.streamed ? { chunks } : { json: responseOf(output) });
        const { response } = await cell.ask();
        expect(response?.message.content).toEqual([
          { type: "reasoning", text: "First.\n\nSecond.", origin: "openai", data: thought },
          { type: "reasoning", text: "", origin: "openai", data: searched },
          { type: "text", text: "Found." },
        ]);
      },
    },
    {
      id: "H7",
      report: "`url_citation` and `file_citation` annotations, in events and in the item",
      outcome: "`response.sources`, each once",
      source: "platform.openai.com/docs/guides/tools-web-search",
      on,
      async run(cell) {
        const annotations = [
          { type: "url_citation", url: "https://a.example", title: "A", start_index: 0, end_index: 5 },
          { type: "file_citation", file_id: "file_1", filename: "b.pdf", index: 3 },
        ];
        const item = said("Found.", { annotations });
        const events = annotations.map((annotation) => event("output_text.annotation.added", 0, { annotation }));
        const chunks = [created, textDelta("Found."), ...events, done(item), completed([item])];
        cell.reply(cell.streamed ? { chunks } : { json: responseOf([item]) });
        expect((await cell.ask()).response?.sources).toEqual([
          { url: "https://a.example", title: "A", raw: annotations[0] },
          { title: "b.pdf", raw: annotations[1] },
        ]);
      },
    },
    {
      id: "H8",
      report: "A status of `failed` or `cancelled`, with an error or without one",
      outcome: "The error that it names, ServerError without one; UnexpectedResponseError if it was cancelled",
      source: "platform.openai.com/docs/api-reference/responses/object",
      on,
      async run(cell) {
        for (const [type, more, code] of [
          ["failed", { status: "failed", error: { code: "rate_limit_exceeded", message: "Slow" } }, "rate_limit"],
          ["failed", { status: "failed" }, "server"],
          ["completed", { status: "failed" }, "server"],
          ["completed", { error: { code: "server_error", message: "No" } }, "server"],
          ["cancelled", { status: "cancelled" }, "unexpected_response"],
          ["completed", { status: "cancelled" }, "unexpected_response"],
        ] as const) {
          const response = { ...responseOf([said("Half")]), ...more };
          const chunks = [created, textDelta("Half"), { type: `response.${type}`, response }];
          cell.reply(cell.streamed ? { chunks } : { json: response });
          const { error } = await cell.ask();
          expect(error.code).toBe(code);
          if (cell.streamed) expect(error.partial.content).toBe("Half");
        }
      },
    },
    {
      id: "H9",
      report: '`status: "incomplete"` with its reason, or with one that is not known',
      outcome: "`content-filter` for filters, else `length`",
      source: "platform.openai.com/docs/api-reference/responses/object",
      on,
      async run(cell) {
        for (const [reason, finishReason] of [
          ["max_output_tokens", "length"],
          ["content_filter", "content-filter"],
          ["safety", "content-filter"],
          ["interrupted", "length"],
          [undefined, "length"],
        ] as const) {
          const response = {
            ...responseOf([said("Half")]),
            status: "incomplete",
            incomplete_details: reason && { reason },
          };
          cell.reply(
            cell.streamed ? { chunks: [created, { type: "response.incomplete", response }] } : { json: response },
          );
          expect((await cell.ask()).response).toMatchObject({ content: "Half", finishReason });
        }
      },
    },
  ],
};
