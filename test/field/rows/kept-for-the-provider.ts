import { assistant, cachePoint, completion, model, Session, system, text, tool, user } from "callwright";
import { expect } from "vitest";
import { z } from "zod";
import type { Cell, Section } from "../row.js";
import { answered, call, codesOf, result, round, sentCalls, thought } from "../sent.js";

const signed = (words: string) => thought(words, "anthropic", { type: "thinking", signature: "c2lnbmVk" });
const unsigned = (words: string) => thought(words, "anthropic", { type: "thinking", signature: "" });
const redacted = thought("", "anthropic", { type: "redacted_thinking", data: "cmVkYWN0ZWQ=" });
const block = (data: Record<string, unknown>) => thought("", "anthropic", data);
const search = block({ type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "Oslo" } });
const found = block({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] });

const weather = tool({ name: "weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async () => "12 degrees",
);

const typesOf = (content: any) => (typeof content === "string" ? ["text"] : content.map(({ type }: any) => type));
/** The places that carry a cache point, such as "1.0" for the first block of the second message. */
const marks = ({ body }: Cell) =>
  [["system", body.system] as const, ...body.messages.map(({ content }: any, at: number) => [at, content] as const)]
    .flatMap(([place, content]) =>
      Array.isArray(content) ? content.map((each: any, at: number) => [`${place}.${at}`, each] as const) : [],
    )
    .filter(([, { cache_control }]) => cache_control)
    .map(([place]) => place);

export const keptForTheProvider: Section = {
  title: "What a provider wants back, and what it takes once",
  rows: [
    {
      id: "R18",
      report: "An answer that was cut off inside thinking, unsigned thinking, thinking with half a surrogate pair",
      outcome: "That thinking is left out, with a warning; the next turn can be sent",
      source: "forgecode#2107, CLIProxyAPI#5321",
      on: ["anthropic"],
      async run(cell) {
        const cases = [
          [signed("Hm.")],
          [unsigned("Hm."), text("Hello.")],
          [text("Hello."), signed("Hm"), redacted],
          [signed("\ud83d"), text("Hello.")],
          [thought("Hm.", "anthropic"), text("Hello.")],
          [signed("Hm."), text("  ")],
        ];
        for (const answer of cases) {
          const response = answered(await cell.ask([user("Hi"), assistant(answer), user("Go on")]));
          expect(codesOf(response)).toEqual(["reasoning_left_out"]);
          expect(JSON.stringify(cell.body)).not.toContain('"thinking"');
        }
      },
    },
    {
      id: "R19",
      report: "Signed, redacted and interleaved thinking",
      outcome: "Goes back byte for byte, in its order, to Anthropic only",
      source: "anthropic's documentation of extended thinking",
      on: ["anthropic", "openai", "responses", "mistral"],
      async run(cell) {
        const words = " \n “Hm…” \u{1f914}\u0000 ";
        const first = [signed(words), redacted, call("call_00001"), signed("After."), text("Hello."), call("b")];
        const history = [
          user("Hi"),
          assistant(first),
          result("call_00001"),
          result("b"),
          assistant("Done."),
          user("?"),
        ];
        const response = answered(await cell.ask(history));
        expect(response.warnings.filter(({ code }) => code === "reasoning_left_out")).toEqual([]);
        if (cell.target !== "anthropic") return expect(JSON.stringify(cell.body)).not.toContain("c2lnbmVk");
        expect(cell.body.messages[1].content).toMatchObject([
          { type: "thinking", thinking: words, signature: "c2lnbmVk" },
          { type: "redacted_thinking", data: "cmVkYWN0ZWQ=" },
          { type: "tool_use" },
          { type: "thinking", thinking: "After.", signature: "c2lnbmVk" },
          { type: "text", text: "Hello." },
          { type: "tool_use" },
        ]);
      },
    },
    {
      id: "R20",
      report: "Blocks of Anthropic's own tools: a search and its result, a search that was cut off",
      outcome: "Go back unchanged, in their place, to Anthropic only; what is alone is left out with a warning",
      source: "claude-code#65726, inspect_ai#2354",
      on: ["anthropic", "openai"],
      async run(cell) {
        const whole = assistant([text("I look."), search, found, text("It is warm.")]);
        answered(await cell.ask([user("Hi"), whole, user("Sure?")]));
        if (cell.target === "anthropic") {
          expect(cell.body.messages[1].content[1]).toEqual((search as any).data);
          expect(typesOf(cell.body.messages[1].content)).toEqual([
            "text",
            "server_tool_use",
            "web_search_tool_result",
            "text",
          ]);
        } else expect(JSON.stringify(cell.body)).not.toContain("srvtoolu");
        for (const cut of [[text("I look."), search], [search], [found, text("It is warm.")]]) {
          const response = answered(await cell.ask([user("Hi"), assistant(cut), user("Sure?")]));
          expect(JSON.stringify(cell.body)).not.toContain("srvtoolu");
          expect(codesOf(response)).toEqual(cell.target === "anthropic" ? ["server_tool_left_out"] : []);
        }
        // A turn that was paused goes on from its last block.
        if (cell.target !== "anthropic") return;
        answered(await cell.ask([user("Hi"), assistant([text("I look."), search])]));
        expect(typesOf(cell.body.messages.at(-1).content)).toEqual(["text", "server_tool_use"]);
      },
    },
    {
      id: "R21",
      report: "Cache points at the beginning of a message, behind thinking, alone, in a result, five of them",
      outcome: "Mark the last block before them that can be cached; at most four, the last ones, with a warning",
      source: "Anthropic.SDK#50, CLIProxyAPI#512",
      on: ["anthropic"],
      async run(cell) {
        const point = cachePoint();
        answered(await cell.ask([system("Be brief."), user([point, text("Hi")])]));
        expect(marks(cell)).toEqual(["system.0"]);
        answered(await cell.ask([user("Hi"), assistant([text("A"), signed("Hm."), point, text("B")]), user("?")]));
        expect(marks(cell)).toEqual(["1.0"]);
        answered(await cell.ask([user("Hi"), assistant("Hello."), user([point]), user("?")]));
        expect(marks(cell)).toEqual(["1.0"]);
        answered(await cell.ask([user("Hi"), assistant([call("a")]), result("a", [text("12"), point]), user("?")]));
        expect(cell.body.messages[2].content[0].content).toEqual([
          { type: "text", text: "12", cache_control: { type: "ephemeral" } },
        ]);
        const alone = answered(await cell.ask([user([point, text("Hi")])]));
        expect([marks(cell), codesOf(alone)]).toEqual([[], ["cache_point_left_out"]]);
        const many = [0, 1, 2, 3, 4, 5].map((n) => [text(`Part ${n}`), point]);
        const response = answered(await cell.ask([user(many.flat())]));
        expect(marks(cell)).toEqual(["0.2", "0.3", "0.4", "0.5"]);
        expect(codesOf(response)).toEqual(["cache_point_left_out"]);
        const mixed = answered(await cell.ask([user([text("a"), point, text("b"), cachePoint("1h"), text("c")])]));
        expect([marks(cell), codesOf(mixed)]).toEqual([["0.0", "0.1"], ["cache_point_shortened"]]);
      },
    },
    {
      id: "R22",
      report: "Cache points to a provider that has none",
      outcome: "Left out",
      source: "routatic/proxy#42",
      on: ["openai", "responses", "mistral"],
      async run(cell) {
        const point = cachePoint();
        const history = [user([point, text("Hi"), point]), assistant([text("A"), point]), user([point]), user("?")];
        const response = answered(await cell.ask(history));
        expect(JSON.stringify(cell.body)).not.toContain("cache");
        expect(codesOf(response)).toEqual([]);
      },
    },
    {
      id: "R23",
      report: "A forced tool where the model thinks: `extraBody.thinking`, or by `reasoningEffort` on DeepSeek",
      outcome: "Thinking is turned off, with a warning",
      source: "mastra#7507, langchain#35544, langchain#40769",
      on: ["anthropic", "deepseek"],
      async run(cell) {
        const thinking = cell.target === "anthropic" ? { type: "enabled", budget_tokens: 2000 } : { type: "enabled" };
        const extraBody = { thinking };
        for (const toolChoice of ["required", { name: "weather" }] as const) {
          const response = answered(await cell.ask("Hi", { tools: [weather], toolChoice, extraBody, maxTokens: 4000 }));
          expect(cell.body.thinking).toEqual({ type: "disabled" });
          expect(codesOf(response)).toContain("thinking_off");
        }
        answered(await cell.ask("Hi", { tools: [weather], toolChoice: "auto", extraBody, maxTokens: 4000 }));
        expect(cell.body.thinking).toEqual(thinking);
        if (cell.target === "anthropic") return;
        answered(await cell.ask("Hi", { tools: [weather], toolChoice: "required", reasoningEffort: "high" }));
        expect(cell.body).toMatchObject({ thinking: { type: "disabled" } });
        expect(cell.body).not.toHaveProperty("reasoning_effort");
      },
    },
    {
      id: "R24",
      report: "Calls made without thinking, and their results with `extraBody.thinking`",
      outcome: "Thinking is turned off for that request, with a warning",
      source: "anthropic's documentation of extended thinking with tool use",
      on: ["anthropic"],
      async run(cell) {
        const extraBody = { thinking: { type: "enabled", budget_tokens: 2000 } };
        const options = { tools: [weather], extraBody, maxTokens: 4000 };
        const response = answered(await cell.ask([user("Hi"), ...round("call_1")], options));
        expect([cell.body.thinking, codesOf(response)]).toEqual([{ type: "disabled" }, ["thinking_off"]]);
        const thoughtOf = assistant([signed("Hm."), call("call_1")]);
        answered(await cell.ask([user("Hi"), thoughtOf, result("call_1"), ...round("call_2")], options));
        expect(cell.body.thinking.type).toBe("enabled");
      },
    },
    {
      id: "R25",
      report: "OpenRouter's `reasoning_details`, in a conversation and through `completion()`",
      outcome: "Go back with the answer, to OpenRouter only",
      source: "agent-framework#2947, Roo-Code#9506, openrouter.ai/docs/use-cases/reasoning-tokens",
      on: ["openrouter", "openai"],
      async run(cell) {
        const reasoning_details = [{ type: "reasoning.encrypted", data: "c2ln", id: "rs_1", index: 0 }];
        const part = thought("", "openrouter", { type: "reasoning_details", reasoning_details });
        answered(await cell.ask([user("Hi"), assistant([part, call("call_1")]), result("call_1")]));
        const sent = cell.body.messages[1].reasoning_details;
        expect(sent).toEqual(cell.target === "openrouter" ? reasoning_details : undefined);
        const messages = [
          { role: "user", content: "Hi" },
          { role: "assistant", content: "Hello.", reasoning_details },
          { role: "user", content: "Go on" },
        ];
        await completion({ model: cell.reference, messages, ...cell.access, stream: false });
        expect(cell.body.messages[1].reasoning_details).toEqual(reasoning_details);
      },
    },
    {
      id: "R26",
      report: "`extra_content` of a call through `completion()`, in and out",
      outcome: "Handed out with the call, and sent back with it",
      source: "ai.google.dev/gemini-api/docs/thought-signatures",
      on: ["google"],
      async run(cell) {
        const extra_content = { google: { thought_signature: "c2ln" } };
        const called = {
          id: "call_1",
          type: "function",
          function: { name: "weather", arguments: "{}" },
          extra_content,
        };
        const head = { id: "c", created: 1, model: "gemini-3" };
        cell.reply(
          cell.streamed
            ? {
                chunks: [
                  {
                    ...head,
                    object: "chat.completion.chunk",
                    choices: [
                      { index: 0, delta: { tool_calls: [{ index: 0, ...called }] }, finish_reason: "tool_calls" },
                    ],
                  },
                  "data: [DONE]\n\n",
                ],
              }
            : {
                json: {
                  ...head,
                  object: "chat.completion",
                  choices: [
                    {
                      index: 0,
                      message: { role: "assistant", content: null, tool_calls: [called] },
                      finish_reason: "tool_calls",
                    },
                  ],
                },
              },
          { text: "Warm." },
        );
        const question = { role: "user", content: "Hi" };
        const request = { model: cell.reference, ...cell.access };
        let out: any[] = [];
        if (cell.streamed) {
          for await (const chunk of await completion({ ...request, messages: [question], stream: true }))
            out = [...out, ...(chunk.choices[0]?.delta.tool_calls ?? [])];
        } else {
          const answer = await completion({ ...request, messages: [question], stream: false });
          out = answer.choices[0]?.message.tool_calls ?? [];
        }
        expect(out.find((each) => each.extra_content)?.extra_content).toEqual(extra_content);
        const messages = [
          question,
          { role: "assistant", tool_calls: [called] },
          { role: "tool", tool_call_id: "call_1", content: "12" },
        ];
        await completion({ ...request, messages, stream: false });
        expect(cell.body.messages[1].tool_calls[0].extra_content).toEqual(extra_content);
      },
    },
    {
      id: "R27",
      report: "`completion()` with `arguments` as an object",
      outcome: "The object's JSON",
      source: "deer-flow#4445",
      on: ["openai", "responses", "anthropic", "mistral"],
      ways: ["plain"],
      async run(cell) {
        const args = { city: "Oslo" };
        const messages = [
          { role: "user", content: "Hi" },
          {
            role: "assistant",
            tool_calls: [{ id: "a", type: "function", function: { name: "weather", arguments: args } }],
          },
          { role: "tool", tool_call_id: "a", content: "12" },
        ];
        await completion({ model: cell.reference, messages, ...cell.access, stream: false });
        expect(sentCalls(cell)).toMatchObject([{ args, result: "12" }]);
      },
    },
    {
      id: "R28",
      report: "A session whose last answer was cut off in a tool call, or whose calls nobody ran",
      outcome: "The next turn is sent, with an error result for the call and a warning",
      source: "mistral-vibe#578, claude-code#8210",
      on: ["openai", "responses", "anthropic", "mistral"],
      async run(cell) {
        const toolCalls = [
          { name: "weather", args: { city: "Oslo" } },
          { name: "weather", args: '{"city":"Os' },
        ];
        const session = new Session({ model: model(cell.reference, cell.access), tools: [weather], maxSteps: 1 });
        cell.reply({ toolCalls, finishReason: "length" }, { toolCalls }, { text: "Fine." });
        await session.send("Hi");
        await session.send("Go on");
        const response = cell.streamed
          ? await (await session.stream("And now?")).response()
          : await session.send("And now?");
        expect(response.content).toBe("Fine.");
        expect(codesOf(response).filter((code) => code === "tool_not_run")).toHaveLength(2);
        const results = sentCalls(cell).map((each) => each.result);
        expect(results).toHaveLength(4);
        for (const words of results) expect(words).toContain("This call was not run.");
      },
    },
    {
      id: "R29",
      report: "`seed`, `topK` and the penalties to Google, whose `extra_body.google` has no place for them",
      outcome: "Left out, with a warning; `extraBody` carries what it does have",
      source: "ChatterUI#227, mcpchecker#188, ai.google.dev/api/compatibility",
      on: ["google"],
      async run(cell) {
        const google = { thinking_config: { thinking_budget: 0 } };
        const options = { seed: 1, topK: 2, frequencyPenalty: 0.1, extraBody: { extra_body: { google } } };
        const response = answered(await cell.ask("Hi", options));
        expect(Object.keys(cell.body).sort()).toEqual(
          ["extra_body", "messages", "model", "stream", ...(cell.streamed ? ["stream_options"] : [])].sort(),
        );
        expect(cell.body.extra_body).toEqual({ google });
        expect(codesOf(response)).toEqual(Array(3).fill("unsupported_option"));
      },
    },
  ],
};
