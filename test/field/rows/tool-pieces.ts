import { user } from "callwright";
import { expect } from "vitest";
import { chat, type ToolPiece } from "../../streams/wire-chunks.js";
import type { Cell, Outcome, Section } from "../row.js";
import { argsOf, find, look, stream, whole } from "./wire-answers.js";

const on = ["openai", "mistral"];
const ways = ["streamed"] as const;
const oslo = '{"city":"Oslo"}';
const rome = '{"city":"Rome"}';

/** Streams the pieces, each in a chunk of its own. */
function calls(cell: Cell, ...pieces: readonly (ToolPiece | readonly ToolPiece[])[]): Promise<Outcome> {
  const chunks = pieces.map((piece) => chat.tools(...(Array.isArray(piece) ? piece : [piece as ToolPiece])));
  cell.reply(stream(...chunks, chat.finish("tool_calls")));
  return cell.ask("Hello?", { tools: [look, find] });
}

/** Plain or streamed, as the cell says, whole calls with these arguments. */
function wholeCalls(cell: Cell, ...given: readonly ToolPiece[]): Promise<Outcome> {
  if (cell.streamed) return calls(cell, ...given);
  const { choices } = chat.tools(...given);
  cell.reply(whole({ content: null, ...choices[0]?.delta }, "tool_calls"));
  return cell.ask("Hello?", { tools: [look, find] });
}

export const toolPieces: Section = {
  title: "Tool calls in pieces",
  rows: [
    {
      id: "D1",
      report: "The same index, another id, no name",
      outcome: "One call, with the first id",
      source: "pool#9",
      on,
      ways,
      async run(cell) {
        for (const first of ["", '{"city":']) {
          const rest = first === "" ? oslo : '"Oslo"}';
          const { response, ...outcome } = await calls(
            cell,
            { index: 0, id: "call_1", name: "look", args: first },
            { index: 0, id: "call_2", args: rest },
          );
          expect(argsOf(outcome)).toEqual([{ city: "Oslo" }]);
          expect(response?.toolCalls.map(({ id }) => id)).toEqual(["call_1"]);
        }
      },
    },
    {
      id: "D2",
      report: "The same index, another id and the name again, while the arguments are incomplete",
      outcome: "One call",
      source: "hermes-agent#62940",
      on,
      ways,
      async run(cell) {
        for (const pieces of [
          ['{"ci', 'ty":"Os', 'lo"}'],
          ["", oslo],
          ["{", '"city":"Oslo"}'],
          ['{"city":', '"Oslo"}', ""],
        ]) {
          const outcome = await calls(
            cell,
            ...pieces.map((args, at) => ({ index: 0, id: `call_${at}`, name: "look", args })),
          );
          expect(argsOf(outcome), JSON.stringify(pieces)).toEqual([{ city: "Oslo" }]);
        }
      },
    },
    {
      id: "D3",
      report: 'Two whole calls, both with index 0 and `id: ""`',
      outcome: "Two calls, each with an id that callwright makes",
      source: "vercel/ai#7834",
      on,
      ways,
      async run(cell) {
        const pieces = [oslo, rome].map((args) => ({ index: 0, id: "", name: "look", args }));
        for (const given of [pieces, [pieces]]) {
          const { response, ...outcome } = await calls(cell, ...given);
          expect(argsOf(outcome)).toEqual([{ city: "Oslo" }, { city: "Rome" }]);
          expect(new Set(response?.toolCalls.map(({ id }) => id)).size).toBe(2);
        }
      },
    },
    {
      id: "D4",
      report: "`{}` first and then the real arguments; the whole arguments twice; `{}` and then nothing",
      outcome: "The real ones, once; what is shown of them is what they are",
      source: "autogen#6843, jcode#225",
      on,
      ways,
      async run(cell) {
        const real = { city: "Oslo" };
        const cases: [pieces: unknown[], args: unknown][] = [
          [["{}", oslo], real],
          [["{}", '{"city":', '"Oslo"}'], real],
          [["{", "}", "{", '"city":"Oslo"}'], real],
          [["null", oslo], real],
          [[{}, real], real],
          [[oslo, oslo], real],
          [['{"city":', '"Oslo"}', oslo], real],
          [['{"city":"Oslo"}{"ci', 'ty": "Oslo"}'], real],
          [[oslo, "{}"], real],
          [[oslo, ""], real],
          [["{}", ""], {}],
          [["{}", "{}"], {}],
        ];
        for (const [pieces, args] of cases) {
          const [first, ...rest] = pieces;
          const outcome = await calls(
            cell,
            { index: 0, id: "call_1", name: "look", args: first },
            ...rest.map((piece) => ({ index: 0, args: piece })),
          );
          expect(argsOf(outcome), JSON.stringify(pieces)).toEqual([args]);
          expect(JSON.parse(outcome.response?.toolCalls[0]?.arguments || "{}")).toEqual(args);
        }
      },
    },
    {
      id: "D5",
      report: 'Arguments `"null"`, `null`, an object, or none at all',
      outcome: "`{}`, or the object",
      source: "xagent#1504",
      on,
      async run(cell) {
        for (const args of ["null", null, undefined, "", " ", "{}", {}])
          expect(argsOf(await wholeCalls(cell, { index: 0, id: "c1", name: "look", args }))).toEqual([{}]);
        const outcome = await wholeCalls(cell, { index: 0, id: "c1", name: "look", args: { city: "Oslo" } });
        expect(argsOf(outcome)).toEqual([{ city: "Oslo" }]);
      },
    },
    {
      id: "D6",
      report: 'A call `{ id: "", name: "", arguments: "" }` beside text or a good call',
      outcome: "Left out",
      source: "xagent#1504",
      on,
      async run(cell) {
        const empty = { index: 1, id: "", name: "", args: "" };
        const good = { index: 0, id: "c1", name: "look", args: oslo };
        for (const given of [
          [good, empty],
          [
            { ...empty, index: 0 },
            { ...good, index: 1 },
          ],
        ]) {
          const outcome = await wholeCalls(cell, ...given);
          expect(argsOf(outcome)).toEqual([{ city: "Oslo" }]);
          expect(outcome.response).toMatchObject({ toolErrors: [], finishReason: "tool-calls" });
        }
        const { choices } = chat.tools(empty);
        const delta = { content: "Hello", ...choices[0]?.delta };
        cell.reply(cell.streamed ? stream(chat.delta(delta), chat.finish()) : whole(delta));
        expect((await cell.ask("Hello?", { tools: [look] })).response).toMatchObject({
          content: "Hello",
          toolCalls: [],
          finishReason: "stop",
        });
      },
    },
    {
      id: "D7",
      report: "Gemini's `extra_content`, with a signature, in a piece after the call began",
      outcome: "Kept with the call and sent back",
      source: "open-webui/computer#224",
      on: ["google"],
      ways,
      async run(cell) {
        const extra_content = { google: { thought_signature: "sig" } };
        cell.reply(
          stream(
            chat.tools({ index: 0, id: "c1", name: "look", args: oslo }),
            chat.delta({ tool_calls: [{ index: 0, function: { arguments: "" }, extra_content }] }),
            chat.finish("tool_calls"),
          ),
          whole({ content: "Done." }),
        );
        const { response } = await cell.ask("Hello?", { tools: [look] });
        await response?.resume();
        expect(cell.body.messages[1].tool_calls).toMatchObject([{ id: "c1", extra_content }]);
      },
    },
    {
      id: "D8",
      report:
        "No index, `null` or text in its place; distinct ids at index 0; a last chunk with empty arguments, finish and usage",
      outcome: "Each call once, with its own arguments",
      source: "held before, among others by Gemini's endpoint",
      on,
      ways,
      async run(cell) {
        for (const index of [undefined, null, "0", "x"]) {
          const outcome = await calls(
            cell,
            { index, id: "c1", name: "look", args: '{"city":' },
            { index, args: '"Oslo"}' },
            { index: index === "0" ? "1" : index, id: "c2", name: "find", args: "{}" },
          );
          expect(outcome.tools.map(({ toolCall, args }) => [toolCall.id, args])).toEqual([
            ["c1", { city: "Oslo" }],
            ["c2", {}],
          ]);
        }
        const distinct = [oslo, rome].map((args, at) => ({ index: 0, id: `c${at}`, name: "look", args }));
        expect(argsOf(await calls(cell, ...distinct))).toEqual([{ city: "Oslo" }, { city: "Rome" }]);
        const last = [{ index: 0, function: { arguments: "" } }];
        cell.reply(
          stream(
            chat.tools({ index: 0, id: "c1", name: "look", args: oslo }),
            chat.delta({ tool_calls: last }, "tool_calls", { usage: chat.usage(10, 5).usage }),
          ),
        );
        const outcome = await cell.ask("Hello?", { tools: [look] });
        expect(argsOf(outcome)).toEqual([{ city: "Oslo" }]);
        expect(outcome.response?.usage?.totalTokens).toBe(15);
      },
    },
    {
      id: "D9",
      report: "The id, or the name, again with every piece",
      outcome: "One call",
      source: "hermes-agent#62940",
      on,
      ways,
      async run(cell) {
        for (const again of [
          { id: "c1", name: "look" },
          { name: "look" },
          { id: "c1" },
          { id: "", name: "" },
          { id: null, name: null },
        ]) {
          const outcome = await calls(
            cell,
            { index: 0, id: "c1", name: "look", args: "" },
            ...['{"city":', '"Oslo"}', ""].map((args) => ({ index: 0, ...again, args })),
          );
          expect(argsOf(outcome), JSON.stringify(again)).toEqual([{ city: "Oslo" }]);
        }
      },
    },
    {
      id: "D11",
      report: "With every piece all arguments so far",
      outcome: "The arguments, once",
      source: "hermes-agent#35718",
      on,
      ways,
      async run(cell) {
        for (const given of [oslo, '{"city":{"city":{"city":1}}}', '{"city":["{","{\\"city"]}', '{ "city" : "Os{lo" }'])
          for (const step of [1, 3, 5]) {
            const pieces = Array.from({ length: Math.ceil(given.length / step) }, (_, at) =>
              given.slice(0, (at + 1) * step),
            );
            const names = [{}, { id: "c1", name: "look" }, { id: "c1" }];
            for (const again of names) {
              const outcome = await calls(
                cell,
                ...[...pieces, given].map((args, at) => ({ index: 0, ...(at === 0 ? names[1] : again), args })),
              );
              expect(argsOf(outcome), `${given} by ${step}`).toEqual([JSON.parse(given)]);
            }
          }
      },
    },
    {
      id: "D10",
      report: "The form before tools: `function_call`, whole or in pieces",
      outcome: "A call, and its result goes back as that of a tool",
      source: "the API reference of Chat Completions",
      on: ["openai"],
      async run(cell) {
        const pieces = [{ name: "look", arguments: "" }, { arguments: '{"city":' }, { arguments: '"Oslo"}' }];
        cell.reply(
          cell.streamed
            ? stream(...pieces.map((piece) => chat.delta({ function_call: piece })), chat.finish("function_call"))
            : whole({ content: null, function_call: { name: "look", arguments: oslo } }, "function_call"),
          whole({ content: "Done." }),
        );
        const outcome = await cell.ask("Hello?", { tools: [look] });
        expect(argsOf(outcome)).toEqual([{ city: "Oslo" }]);
        expect(outcome.response?.finishReason).toBe("tool-calls");
        await outcome.response?.resume(user("And now?"));
        expect(cell.body.messages.at(2)).toMatchObject({
          role: "tool",
          tool_call_id: outcome.response?.toolCalls[0]?.id,
        });
      },
    },
  ],
};
