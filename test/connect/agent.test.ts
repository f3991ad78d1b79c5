import { call, type Message, promptTemplate, RefusalError, system, tool, user } from "callwright";
import { AgentReplyError, defineAgent, MissingConversationError, simRequest } from "callwright/connect";
import { script, wireServer } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";

const messages = [user("Hello."), { role: "assistant", content: "Hi!" }, user("A book?")] as const;
const request = simRequest({ messages, testId: "t1", conversationId: "c1" });
const context = { signal: new AbortController().signal };

test("a request says what the user said last, and to which test and conversation it belongs", () => {
  expect(request).toMatchObject({ prompt: "A book?", testId: "t1" });
  expect(request.conversationId).toBe("c1");
});

test("toMessages puts the system message first, keeps the order, and leaves the request alone", () => {
  const before = structuredClone(messages);
  const all = request.toMessages({ system: "Be brief." });
  expect(all).toEqual([system("Be brief."), ...messages]);
  all.pop();
  expect(request.messages).toEqual(before);
  expect(request.toMessages()).toEqual(messages);
  expect(request.toMessages()).not.toBe(request.messages);
});

test.each([undefined, ""])(
  "a conversation with the id %j is an error for who asks for the id, and for nobody else",
  (id) => {
    const bare = simRequest({ messages, testId: "t7", conversationId: id });
    expect(JSON.parse(JSON.stringify(bare))).toEqual({ messages, testId: "t7", prompt: "A book?" });
    expect(() => bare.conversationId).toThrow(MissingConversationError);
    expect(() => bare.conversationId).toThrow(expect.objectContaining({ code: "missing_conversation", testId: "t7" }));
  },
);

test("an agent is made straight of a call, whole or streamed", async () => {
  await using server = await wireServer();
  server.reply({ text: ["Momo,", " by Michael Ende"] });
  const whole = call("openai/gpt-4o-mini", server.openai)((all: readonly Message[]) => all);
  const streamed = call("anthropic/claude-haiku-4-5", { ...server.anthropic, stream: true })(
    (all: readonly Message[]) => all,
  );
  for (const answer of [whole, streamed]) {
    const agent = defineAgent(answer);
    expect(await agent.completion(request, context)).toEqual({ response: "Momo, by Michael Ende" });
  }
  expect(server.requests[0]?.body.messages).toHaveLength(3);
});

test("an agent is made of a function that gets the messages and the request", async () => {
  const answers = script(["Momo"]);
  const recommend = call(answers)(
    promptTemplate("SYSTEM: Be brief. USER: {question}")(({ question: _ }: { question: string }) => {}),
  );
  const agent = defineAgent((_, { prompt }) => recommend({ question: prompt }));
  expect(await agent.completion(request, context)).toEqual({ response: "Momo" });
});

test("a refusal of the model is no answer", async () => {
  await using server = await wireServer();
  server.reply({
    json: {
      id: "1",
      model: "gpt-4o-mini",
      choices: [
        { index: 0, finish_reason: "stop", message: { role: "assistant", content: null, refusal: "I will not." } },
      ],
    },
  });
  const agent = defineAgent(call("openai/gpt-4o-mini", server.openai)((all: readonly Message[]) => all));
  await expect(agent.completion(request, context)).rejects.toThrow(RefusalError);
});

test("an answer that only asks for tools is none, and the error says how they run", async () => {
  const look = tool({ name: "look", description: "Looks", input: z.object({}) })(async () => "Nothing.");
  const answers = script([{ toolCalls: [{ name: "look", args: {} }] }]);
  const agent = defineAgent(call(answers, { tools: [look] })((all: readonly Message[]) => all));
  const asked = agent.completion(request, context);
  await expect(asked).rejects.toThrow(AgentReplyError);
  await expect(asked).rejects.toThrow(/`response`.*maxSteps/);
});

test.each([undefined, null, {}, { complete: () => "" }, "agent"])("%j is no agent", (wrong) => {
  expect(() => defineAgent(wrong as never)).toThrow(/defineAgent takes/);
});
