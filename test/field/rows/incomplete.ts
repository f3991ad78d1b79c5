import { type CallOptions, model, ResponseValidationError, Session, tool } from "callwright";
import type { WireReply } from "callwright/testing";
import { expect } from "vitest";
import { z } from "zod";
import { chat, messages } from "../../streams/wire-chunks.js";
import type { Cell, Row, Section } from "../row.js";

/** A tool that does harm if it runs on arguments that were cut off: they all have defaults. */
function eraser() {
  const erased: string[] = [];
  const input = z.object({ path: z.string().default("/") });
  const erase = tool({ name: "erase", description: "Erases.", input })(({ path }) => {
    erased.push(path);
    return "gone";
  });
  return { erase, erased };
}

const called = { name: "erase", args: { path: "/tmp" }, id: "call_1" };
const cutCalls: readonly WireReply["toolCalls"][] = [
  [called],
  [{ ...called, args: "" }],
  [called, { ...called, id: "call_2" }],
];

/** Asks with a tool and expects that it neither ran nor was handed out. */
async function expectNotRun(cell: Cell, reply: WireReply, finishReason: string, options: CallOptions = {}) {
  const { erase, erased } = eraser();
  cell.reply(reply);
  const { response, tools } = await cell.ask("Clean up.", { tools: [erase], ...options });
  expect([response?.finishReason, tools, response?.tools, erased]).toEqual([finishReason, [], [], []]);
  expect(response?.toolErrors).toHaveLength(response?.toolCalls.length ?? 0);
  expect(response?.toolErrors[0]).toMatchObject({ reason: "incomplete" });
  const results = (await response?.runTools()) ?? [];
  expect(results).toHaveLength(response?.toolCalls.length ?? 0);
  expect(results[0]?.content).toMatchObject([
    { isError: true, content: expect.stringContaining("so this call was not run") },
  ]);
  expect(erased).toEqual([]);
}

/** Anthropic's answer with a tool and this stop reason. */
function stopped(stop_reason: string, streamed: boolean): WireReply {
  if (!streamed) {
    const content = [{ type: "tool_use", id: "toolu_1", name: "erase", input: {} }];
    return { json: { id: "msg_1", type: "message", role: "assistant", model: "m", content, stop_reason } };
  }
  const block = [messages.toolBlock(0, "toolu_1", "erase"), messages.stop(0)];
  return { chunks: [messages.start(), ...block, messages.finish(stop_reason), messages.end] };
}

/** A part of a turn of Anthropic's. */
function part(text: string, stop_reason: string, streamed: boolean): WireReply {
  if (!streamed) {
    const content = [{ type: "text", text }];
    return { json: { id: "msg_1", type: "message", role: "assistant", model: "m", content, stop_reason } };
  }
  const block = [messages.textBlock(0), messages.text(0, text), messages.stop(0)];
  return { chunks: [messages.start(), ...block, messages.finish(stop_reason), messages.end] };
}

const wires = ["openai", "responses", "anthropic"] as const;
const Book = z.object({ title: z.string(), tags: z.array(z.string()).default([]) });
const modes = ["native", "tool", "text"] as const;

const rows: readonly Row[] = [
  {
    id: "L1",
    report:
      "A tool call in an answer that was cut off at the token limit, its arguments whole, empty or one of several",
    outcome: "The tool is not run and not handed out; `toolErrors` says why",
    source: "LibreChat-AI/agents#280, humux#77, pydantic-ai#3118",
    on: wires,
    async run(cell) {
      for (const toolCalls of cutCalls)
        await expectNotRun(cell, { toolCalls: toolCalls ?? [], finishReason: "length" }, "length");
    },
  },
  {
    id: "L2",
    report: "A tool call in an answer that a content filter stopped",
    outcome: "The tool is not run and not handed out",
    source: "leookun/cursor-byok#423",
    on: wires,
    async run(cell) {
      for (const toolCalls of cutCalls)
        await expectNotRun(cell, { toolCalls: toolCalls ?? [], finishReason: "content-filter" }, "content-filter");
    },
  },
  {
    id: "L3",
    report: "`stop_reason` `max_tokens`, `model_context_window_exceeded` or `refusal` with a `tool_use`",
    outcome: "The tool is not run; the finish is `length` or `content-filter`",
    source: "LibreChat-AI/agents#280, leookun/cursor-byok#423",
    on: ["anthropic"],
    async run(cell) {
      for (const [reason, finish] of [
        ["max_tokens", "length"],
        ["model_context_window_exceeded", "length"],
        ["refusal", "content-filter"],
      ] as const)
        await expectNotRun(cell, stopped(reason, cell.streamed), finish, { maxSteps: 3 });
    },
  },
  {
    id: "L4",
    report: "A refusal beside a tool call, with the finish `tool_calls`",
    outcome: "The tool is not run",
    source: "leookun/cursor-byok#423",
    on: ["openai"],
    async run(cell) {
      const call = { index: 0, id: "call_1", type: "function", function: { name: "erase", arguments: "{}" } };
      const said = { role: "assistant", content: null, refusal: "No.", tool_calls: [call] };
      const choice = { index: 0, message: said, finish_reason: "tool_calls" };
      const reply: WireReply = cell.streamed
        ? { chunks: [chat.delta(said), chat.finish("tool_calls"), chat.done] }
        : { json: { id: "1", model: "m", choices: [choice] } };
      await expectNotRun(cell, reply, "tool-calls", { maxSteps: 3 });
    },
  },
  {
    id: "L5",
    report: "Arguments that were cut off, with the finish `tool_calls` all the same (vLLM, streamed)",
    outcome: "`toolErrors` says that they are not JSON, and the tool is not run",
    source: "vllm#53269, hermes-agent#7693",
    on: wires,
    ways: ["streamed"],
    async run(cell) {
      const { erase, erased } = eraser();
      cell.reply({ toolCalls: [{ ...called, args: '{"path":"/tm' }] });
      const { response, tools } = await cell.ask("Clean up.", { tools: [erase] });
      expect([tools, response?.tools]).toEqual([[], []]);
      expect(response?.toolErrors).toMatchObject([{ reason: "invalid-json" }]);
      await response?.runTools();
      expect(erased).toEqual([]);
    },
  },
  {
    id: "L6",
    report: "An agent whose later step is cut off in a tool call",
    outcome: "The loop ends with that answer; the tools of the whole steps ran, and no further request is sent",
    source: "haystack-core-integrations#3982, superdav-ai-agent#1388",
    on: wires,
    async run(cell) {
      const { erase, erased } = eraser();
      cell.reply(
        { toolCalls: [called] },
        { text: "Next.", toolCalls: [{ ...called, args: "" }], finishReason: "length" },
      );
      const { response, tools } = await cell.ask("Clean up.", { tools: [erase], maxSteps: 5 });
      expect(response).toMatchObject({ content: "Next.", finishReason: "length", steps: { length: 2 } });
      expect([erased, cell.server.requests.length]).toEqual([["/tmp"], 2]);
      expect(tools).toHaveLength(cell.streamed ? 1 : 0);
    },
  },
  {
    id: "L7",
    report: "A session whose answer was cut off in a tool call",
    outcome: "The tool is not run; the answer enters the history as it was",
    source: "LibreChat-AI/agents#280",
    on: wires,
    async run(cell) {
      const { erase, erased } = eraser();
      cell.reply({ toolCalls: [called], finishReason: "length" });
      const session = new Session({ model: model(cell.reference, cell.access), tools: [erase] });
      const response = cell.streamed ? await (await session.stream("Hi")).response() : await session.send("Hi");
      expect([response.finishReason, erased, cell.server.requests.length]).toEqual(["length", [], 1]);
      expect(session.history.at(-1)).toEqual(response.message);
    },
  },
  {
    id: "L8",
    report: "Valid JSON for a `responseModel` in an answer that was cut off",
    outcome: "`ResponseValidationError` that says so, in every mode; no value",
    source: "mastra#24442, flink-agents#1040",
    on: wires,
    async run(cell) {
      for (const outputMode of modes) {
        const json = JSON.stringify({ title: "Momo" });
        const answer: WireReply =
          outputMode === "tool" ? { toolCalls: [{ name: "answer", args: json }] } : { text: json };
        cell.reply({ ...answer, finishReason: "length" });
        const { value, error } = await cell.ask("A book?", { responseModel: Book, outputMode } as CallOptions);
        expect(value).toBeUndefined();
        expect(error).toBeInstanceOf(ResponseValidationError);
        expect(error.message).toContain("cut off at the token limit");
      }
    },
  },
  {
    id: "L9",
    report: "The same in an answer that a content filter stopped",
    outcome: "`RefusalError`; no value",
    source: "any-llm#881",
    on: wires,
    async run(cell) {
      for (const outputMode of modes) {
        const json = JSON.stringify({ title: "Momo" });
        const answer: WireReply =
          outputMode === "tool" ? { toolCalls: [{ name: "answer", args: json }] } : { text: json };
        cell.reply({ ...answer, finishReason: "content-filter" });
        const { value, error } = await cell.ask("A book?", { responseModel: Book, outputMode } as CallOptions);
        expect([value, error.name]).toEqual([undefined, "RefusalError"]);
      }
    },
  },
  {
    id: "L10",
    report: "`stop_reason: pause_turn`",
    outcome: "The answer is sent back and the turn goes on by itself, at any `maxSteps`; its text is that of all parts",
    source: "laravel/ai#493, gsd-2#2869, dust#28390",
    on: ["anthropic"],
    async run(cell) {
      const { streamed } = cell;
      cell.reply(part("I search.", "pause_turn", streamed), part(" Found.", "end_turn", streamed));
      const { response, shown } = await cell.ask("Search.");
      expect([response?.content, shown, response?.finishReason]).toEqual([
        "I search. Found.",
        "I search. Found.",
        "stop",
      ]);
      expect(cell.body.messages.map(({ role }: any) => role)).toEqual(["user", "assistant"]);
      expect(JSON.stringify(cell.body.messages[1])).toContain("I search.");
    },
  },
  {
    id: "L11",
    report: "`stop_reason: pause_turn` again and again",
    outcome: "The turn goes on ten times; then its finish is `pause`, with a warning",
    source: "anthropic-sdk-python#1174, vellum-assistant#40145",
    on: ["anthropic"],
    async run(cell) {
      cell.reply(part("a", "pause_turn", cell.streamed));
      const { response } = await cell.ask("Search.");
      expect([response?.finishReason, response?.warnings.map(({ code }) => code)]).toEqual(["pause", ["turn_paused"]]);
      expect(cell.server.requests).toHaveLength(11);
    },
  },
  {
    id: "L12",
    report: "`stop_reason: pause_turn` with a `tool_use`",
    outcome: "The tool is not run, and the turn ends as paused, with a warning",
    source: "vellum-assistant#40145",
    on: ["anthropic"],
    async run(cell) {
      await expectNotRun(cell, stopped("pause_turn", cell.streamed), "pause", { maxSteps: 3 });
      expect(cell.server.requests).toHaveLength(1);
    },
  },
];

export const incompleteAnswers: Section = { title: "Answers that are not whole", rows };
