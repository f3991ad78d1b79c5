import { assistant, call as callModel, fallback, model, retry, tool, user } from "callwright";
import { expect } from "vitest";
import { z } from "zod";
import type { Cell, Section } from "../row.js";
import { answered, call, codesOf, result, round, sentCalls } from "../sent.js";

const everywhere = ["openai", "responses", "anthropic", "mistral"] as const;

const patterns: Readonly<Record<string, RegExp>> = {
  anthropic: /^[a-zA-Z0-9_-]{1,64}$/,
  responses: /^.{1,64}$/,
  mistral: /^[a-zA-Z0-9]{9}$/,
};

/** Sends a history with these rounds of calls, and expects each result at its call. */
async function sendRounds(cell: Cell, ...rounds: readonly (readonly string[])[]) {
  const history = rounds.flatMap((ids) => round(...ids));
  answered(await cell.ask([user("Hi"), ...history, assistant("Both are fine."), user("And now?")]));
  const sent = sentCalls(cell);
  expect(sent.map((each) => each.result)).toEqual(
    rounds.flat().map((id) => `The result of ${id.replace("\ud83d", "\ufffd")}`),
  );
  expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
  for (const { id } of sent) expect(id).toMatch(patterns[cell.target] ?? /^.{1,40}$/);
  return sent.map(({ id }) => id);
}

const weather = tool({ name: "weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `12 degrees in ${city}`,
);

export const callsSent: Section = {
  title: "Tool calls of a history",
  rows: [
    {
      id: "R1",
      report: "Call ids of another provider: `functions.weather:0`, 46 or 66 characters, blanks, letters of any script",
      outcome: "Replaced where the API does not take them, calls and results alike, by the same ids each time",
      source: "litellm#34523, agno#5382, langchain#24668",
      on: everywhere,
      async run(cell) {
        const ids = [
          "functions.weather:0",
          "functions_weather_0",
          "call_1",
          "abcDEF123",
          `call_${"a".repeat(41)}`,
          `call_${"a".repeat(61)}`,
          "",
          "two words",
          "天気",
          "\ud83d",
        ];
        const first = await sendRounds(cell, ids);
        expect(await sendRounds(cell, ids, ["later"])).toEqual([...first, expect.any(String)]);
      },
    },
    {
      id: "R2",
      report: "The same id in two turns",
      outcome: "Two ids; each result stays with its call",
      source: "claude-code#20901",
      on: everywhere,
      async run(cell) {
        await sendRounds(cell, ["call_0"], ["call_0"], ["call_0", "call_1"]);
        const repeated = [assistant([call("call_0")]), result("call_0", "first"), assistant([call("call_0")])];
        answered(await cell.ask([user("Hi"), ...repeated, result("call_0", "second")]));
        expect(sentCalls(cell).map((each) => each.result)).toEqual(["first", "second"]);
      },
    },
    {
      id: "R3",
      report: "Two calls of one answer with the same id",
      outcome: "Two ids; the results answer them in order",
      source: "claude-code#20901",
      on: everywhere,
      async run(cell) {
        const twice = assistant([call("call_0"), call("call_0", "weather", '{"city":"Rome"}')]);
        answered(await cell.ask([user("Hi"), twice, result("call_0", "Oslo"), result("call_0", "Rome")]));
        const sent = sentCalls(cell);
        expect(sent.map(({ args, result }) => [args, result])).toEqual([
          [{ city: "Oslo" }, "Oslo"],
          [{ city: "Rome" }, "Rome"],
        ]);
        expect(sent[0]?.id).not.toBe(sent[1]?.id);
      },
    },
    {
      id: "R4",
      report: "`fallback` in the middle of a loop: the ids of the first provider go to the second",
      outcome: "Mapped; the loop ends with the answer of the second",
      source: "litellm#34523",
      on: everywhere,
      async run(cell) {
        const other = cell.target === "anthropic" ? "openai" : "anthropic";
        const { server } = cell;
        const first = model(other === "openai" ? "openai/gpt-4o-mini" : "anthropic/claude-haiku-4-5", server[other]);
        server.reply(
          { toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: `functions.weather:0${"x".repeat(70)}` }] },
          { status: 503, headers: { "x-should-retry": "false" } },
          { text: "It is warm." },
        );
        const options = { tools: [weather], maxSteps: 3, use: [fallback(model(cell.reference, cell.access))] };
        const ask = callModel(first, { ...options, stream: cell.streamed } as object)(() => "Hi") as any;
        const answer = cell.streamed ? await (await ask()).response() : await ask();
        expect(answer.content).toBe("It is warm.");
        expect(sentCalls(cell)).toMatchObject([{ name: "weather", result: "12 degrees in Oslo" }]);
      },
    },
    {
      id: "R5",
      report: "A call of a tool that nobody offered: `browser.tabs.open`, `$x`, 200 characters, blank",
      outcome: "The model reads that there is no such tool, and the loop goes on",
      source: "opencode#48750, pydantic-ai#4585",
      on: everywhere,
      async run(cell) {
        for (const name of ["browser.tabs.open", "$x", "n".repeat(200), "größe 1", " "]) {
          cell.reply({ toolCalls: [{ name, args: {} }] }, { text: "Then not." });
          const response = answered(await cell.ask("Hi", { tools: [weather], maxSteps: 3 }));
          expect(response.content).toBe("Then not.");
          const [sent] = sentCalls(cell);
          expect(sent?.name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
          expect(sent?.result).toContain(`There is no tool ${JSON.stringify(name.slice(0, 100))}`);
          expect(response.steps[0]?.toolCalls[0]?.name).toBe(name);
        }
      },
    },
    {
      id: "R6",
      report: 'Arguments that the model broke: `{"city":"Os`, a list, a string, `null`, nothing',
      outcome: "`{}` on the wire; what was written and is not an object stands in the result",
      source: "vllm#48922, software-agent-sdk#2887, CLIProxyAPI#5362",
      on: everywhere,
      async run(cell) {
        for (const args of ['{"city":"Os', '["Oslo"]', '"Oslo"', "7", "{city: Oslo}"]) {
          const history = [user("Hi"), assistant([call("call_000", "weather", args)]), result("call_000", "No.", true)];
          answered(await cell.ask(history));
          expect(sentCalls(cell)).toMatchObject([{ args: {}, result: expect.stringContaining(args) }]);
          expect(sentCalls(cell)[0]?.result).toContain("No.");
          answered(await cell.ask([...history.slice(0, 2), result("call_000", `I got ${args}.`, true)]));
          expect(sentCalls(cell)[0]?.result.split(args)).toHaveLength(2);
        }
        for (const args of ["", "  ", "null"]) {
          answered(await cell.ask([user("Hi"), assistant([call("c", "weather", args)]), result("c", "Fine.")]));
          expect(sentCalls(cell)).toMatchObject([{ args: {}, result: "Fine." }]);
        }
      },
    },
    {
      id: "R7",
      report: "Results that do not stand right behind their calls, or in another order",
      outcome: "Moved there, with a warning",
      source: "claude-code#8210",
      on: everywhere,
      async run(cell) {
        const [answer, first, second] = round("call_1", "call_2") as [any, any, any];
        const response = answered(await cell.ask([user("Hi"), answer, user("Hurry!"), second, user("Well?"), first]));
        expect(sentCalls(cell).map((each) => each.result)).toEqual(["The result of call_1", "The result of call_2"]);
        expect(codesOf(response)).toContain("tool_result_moved");
      },
    },
    {
      id: "R8",
      report: "A call without a result, or a result without its call, in the messages of a call",
      outcome: "`ConfigurationError` before the request, which names message and call",
      source: "claude-code#8210, claude-code#25959",
      on: everywhere,
      async run(cell) {
        const unanswered = await cell.ask([user("Hi"), ...round("call_1"), assistant([call("call_2")]), user("Well?")]);
        expect(unanswered.error).toMatchObject({ name: "ConfigurationError" });
        expect(unanswered.error.message).toMatch(/messages\[3\] calls the tool "weather" \(call id "call_2"\).*Add/);
        const stray = await cell.ask([user("Hi"), ...round("call_1"), result("call_2")]);
        expect(stray.error).toMatchObject({ name: "ConfigurationError" });
        expect(stray.error.message).toMatch(/messages\[3\]\.content\[0\].*"call_2"/);
        expect(cell.server.requests).toEqual([]);
      },
    },
    {
      id: "R9",
      report: "Calls of another model to Gemini 3, which refuses those it did not sign",
      outcome: "Marked as such at the first call of each answer; signed ones go back with their signature",
      source: "strands-agents#1298, ai.google.dev/gemini-api/docs/thought-signatures",
      on: ["google"],
      async run(cell) {
        const options = { use: [retry({ retries: 0 })], ...cell.access, stream: cell.streamed } as object;
        const ask = async (history: any) => {
          const answer: any = await callModel("google/gemini-3-flash-preview", options)(() => history)();
          if (cell.streamed) await answer.response();
          return cell.body.messages.flatMap(({ tool_calls = [] }: any) =>
            tool_calls.map(({ extra_content }: any) => extra_content?.google.thought_signature),
          );
        };
        expect(await ask([user("Hi"), ...round("call_1", "call_2")])).toEqual([
          "skip_thought_signature_validator",
          undefined,
        ]);
        const data = { toolCallId: "call_1", extra_content: { google: { thought_signature: "c2ln" } } };
        const signed = assistant([{ type: "reasoning", text: "", origin: "google", data }, call("call_1"), call("b")]);
        expect(await ask([user("Hi"), signed, result("call_1"), result("b")])).toEqual(["c2ln", undefined]);
      },
    },
  ],
};
