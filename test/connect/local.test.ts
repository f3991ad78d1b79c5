import { call, type Message, type Model, type ModelRequest } from "callwright";
import {
  type Conversation,
  type ConversationResult,
  connect,
  defineAgent,
  judgeBy,
  local,
  type Scenario,
  ScenarioError,
  type SimBackend,
} from "callwright/connect";
import { script, wireServer } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "./simulate.js";

test("a scripted user says turn after turn, and the agent sees the conversation so far", async () => {
  const seen: (readonly Message[])[] = [];
  const agent = defineAgent({
    completion({ messages, conversationId, testId }) {
      seen.push(messages);
      return { response: `${conversationId} ${testId}` };
    },
  });
  const { results, outcome } = await simulate([{ id: "two", turns: ["One.", { say: "Two." }] }], {}, { agent });
  expect(seen[1]).toEqual([
    { role: "user", content: "One." },
    { role: "assistant", content: "two two#1" },
    { role: "user", content: "Two." },
  ]);
  expect(outcome).toEqual({ delivered: 2, failed: 0 });
  expect(results[0]).toMatchObject({
    outcome: "passed",
    turns: [
      { user: "One.", agent: "two two#1" },
      { user: "Two.", agent: "two two#2" },
    ],
  });
});

test("a backend around it may keep to itself what the answers took", async () => {
  const scenarios = [
    { id: "good", turns: ["Hi."] },
    { id: "bad", turns: ["Boom."] },
  ];
  const inner = local({ scenarios });
  const outer: SimBackend = {
    pending: (signal) => inner.pending(signal),
    deliver: (request, reply) => inner.deliver(request, reply),
    fail: (request, error) => inner.fail(request, error),
    get exhausted() {
      return inner.exhausted;
    },
    close: () => inner.close(),
  };
  const agent = defineAgent((messages) => {
    if (messages.at(-1)?.content === "Boom.") throw new Error("Boom.");
    return "Fine.";
  });
  expect(await connect(agent, { backend: outer, pollMs: 1 })).toEqual({ delivered: 1, failed: 1 });
  expect(inner.summary).toMatchObject({ passed: 1, error: 1, agent: { calls: 0, costUsd: 0 } });
});

test("checks of a turn are asked of its answer, those of a scenario of the whole", async () => {
  const turns = ["Hello.", { say: "Momo.", checks: [{ contains: "HELLO" }, { contains: "momo" }] }];
  const checks = [
    { contains: "hello" },
    { contains: "nobody said this" },
    { notContains: "said" },
    { notContains: "undefined" },
    { matches: "^You said: M\\w+\\.$" },
    { matches: /^you/gi },
    { notMatches: "Hello" },
  ];
  const { byId, summary } = await simulate([{ id: "all", turns, checks }]);
  const { checks: whole, turns: said, outcome } = byId("all");
  expect(said[1]!.checks.map(({ passed }) => passed)).toEqual([false, true]);
  expect(whole.map(({ passed }) => passed)).toEqual([true, false, false, true, true, true, false]);
  expect(whole[1]).toEqual({ check: 'contains "nobody said this"', passed: false, reason: "No answer does." });
  expect(whole[2]!.reason).toBe("Answer 1 does.");
  expect([outcome, summary.failed, summary.checks]).toEqual(["failed", 1, { passed: 5, failed: 4, unjudged: 0 }]);
});

test.each([
  ["a schema of a library", z.object({ title: z.string(), year: z.number() })],
  [
    "a JSON Schema",
    {
      type: "object",
      properties: { title: { type: "string" }, year: { type: "number" } },
      required: ["title", "year"],
    },
  ],
])("%s is asked of the JSON in the last answer", async (_, schema) => {
  const scenario = (id: string, say: string) => ({ id, turns: [say], checks: [{ schema }] });
  const { byId } = await simulate([
    scenario("fits", '```json\n{"title":"Momo","year":1973}\n```'),
    scenario("does not fit", '{"title":"Momo","year":"1973"}'),
    scenario("no JSON", "Momo, 1973"),
  ]);
  expect(byId("fits").outcome).toBe("passed");
  expect(byId("does not fit").checks[0]!.reason).toMatch(/year/);
  expect(byId("no JSON").checks[0]!.reason).toMatch(/no JSON/);
});

test("a judge reads the whole conversation, and fails a bad one", async () => {
  const read: Conversation[] = [];
  const judge = (conversation: Conversation, criterion: string) => {
    read.push(conversation);
    return {
      passed: conversation.turns.some(({ agent }) => agent.includes("please")),
      reason: `Asked for: ${criterion}`,
    };
  };
  const scenario = (id: string, say: string): Scenario => ({
    id,
    persona: { name: "Momo", description: "listens" },
    turns: [say],
    checks: [{ judge: "It is polite." }],
  });
  const { byId } = await simulate([scenario("good", "Say please."), scenario("bad", "Say it.")], { judge });
  expect(byId("good").outcome).toBe("passed");
  expect(byId("bad")).toMatchObject({
    outcome: "failed",
    checks: [{ check: "judge: It is polite.", passed: false, reason: "Asked for: It is polite." }],
  });
  expect(read[0]).toEqual({
    id: "good",
    persona: "Momo: listens",
    goal: undefined,
    turns: [{ user: "Say please.", agent: "You said: Say please." }],
  });
});

test("a decorated call is a judge, and a model is made one, who is told that the conversation is data", async () => {
  await using server = await wireServer();
  server.reply(({ body }) => {
    const bad = JSON.stringify(body.messages).includes("I will not");
    return { text: JSON.stringify({ reason: bad ? "It was rude." : "It was fine.", passed: !bad }) };
  });
  const verdict = z.object({ reason: z.string(), passed: z.boolean() });
  const decorated = call("openai/gpt-4o-mini", { ...server.openai, responseModel: verdict })(
    ({ turns }: Conversation) => `Is this polite? ${JSON.stringify(turns)}`,
  );
  const made = judgeBy({ ...(await import("callwright")).model("openai/gpt-4o-mini", server.openai) });
  const checks = [{ judge: decorated }, { judge: "It is polite." }];
  const { byId, summary } = await simulate(
    [
      { id: "good", turns: ["Hello."], checks },
      { id: "bad", turns: ["I will not."], checks },
    ],
    { judge: made },
  );
  expect(byId("good").checks.map(({ passed }) => passed)).toEqual([true, true]);
  expect(byId("bad").checks.map(({ passed }) => passed)).toEqual([false, false]);
  expect(byId("bad").checks[1]!.reason).toBe("It was rude.");
  expect(summary.simulation).toMatchObject({ calls: 4, inputTokens: 40 });
  const own = server.requests.find(({ body }) => JSON.stringify(body).includes("Criterion"))!;
  expect(own.body.messages[0].content).toMatch(/is no instruction/);
});

test.each([
  ["nothing", () => undefined],
  ["a text", () => "passed"],
  ["passed in words", () => ({ passed: "yes" })],
  [
    "an error",
    () => {
      throw new Error("The judge is ill.");
    },
  ],
])("a judge that gives %s passes nothing", async (_, judge) => {
  const { results } = await simulate([{ id: "a", turns: ["Hi."], checks: [{ judge: "Fine." }] }], {
    judge: judge as never,
  });
  expect(results[0]!.outcome).toBe("failed");
  expect(results[0]!.checks[0]!.reason).toMatch(/no verdict|The judge is ill/);
});

test("a model plays the user, sees the agent's answers as what was said to it, and stops at its goal", async () => {
  const player = script(["I lost my card.", "It was 4711.", "[DONE]"]);
  const { results } = await simulate(
    [{ id: "card", persona: { name: "Momo", description: "in a hurry" }, user: { goal: "Block the card" } }],
    { user: player },
  );
  expect(results[0]!.turns.map(({ user }) => user)).toEqual(["I lost my card.", "It was 4711."]);
  expect(results[0]).toMatchObject({
    outcome: "passed",
    persona: "Momo",
    goal: "Block the card",
    simulation: { calls: 3 },
  });
  const { messages } = player.requests[2]!;
  expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant", "user"]);
  expect(messages.at(-1)!.content).toBe("You said: It was 4711.");
  expect(messages[0]!.content).toMatch(/Momo: in a hurry[\s\S]*Block the card/);
});

test("a played user begins with the opening, and ends at its most turns", async () => {
  const player: Model = {
    id: "script/talker",
    async *run({ messages }: ModelRequest) {
      yield { type: "text-delta", text: `More (${messages.length}).` };
      yield { type: "finish", reason: "stop" };
    },
  };
  const { results } = await simulate([{ id: "talk", user: { goal: "Talk", opening: "Hi!", maxTurns: 3 } }], {
    user: player,
  });
  expect(results[0]!.turns.map(({ user }) => user)).toEqual(["Hi!", "More (4).", "More (6)."]);
});

test("a user's model that fails ends its conversation, and no other", async () => {
  const scenarios = [
    { id: "played", user: { goal: "Talk" } },
    { id: "scripted", turns: ["Hi."] },
  ];
  const { byId, summary } = await simulate(scenarios, { user: script([new Error("No more quota.")]) });
  expect(byId("played")).toMatchObject({ outcome: "error", error: expect.stringMatching(/No more quota/), turns: [] });
  expect(byId("scripted").outcome).toBe("passed");
  expect(summary).toMatchObject({ conversations: 2, passed: 1, error: 1 });
});

test("an agent that fails ends its conversation, with what was said until then", async () => {
  const agent = defineAgent({
    completion({ messages }) {
      if (messages.length > 2) throw new Error("Bearer sk-abcdefghijklmnop was refused.");
      return { response: "Yes?" };
    },
  });
  const { results, outcome } = await simulate(
    [{ id: "a", turns: ["One.", "Two.", "Three."], checks: [{ contains: "Yes" }] }],
    {},
    { agent },
  );
  expect(outcome).toEqual({ delivered: 1, failed: 1 });
  expect(results[0]).toMatchObject({ outcome: "error", turns: [{ agent: "Yes?" }, { user: "Two." }], checks: [] });
  expect(JSON.stringify(results)).not.toMatch(/sk-abc/);
});

test("what an answer took stands with its turn, and adds up", async () => {
  await using server = await wireServer();
  server.reply({ text: "Hello.", usage: { input: 1000, output: 500 } });
  const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
  const { results, summary } = await simulate(
    [{ id: "a", turns: ["One.", "Two."] }],
    {},
    { agent: defineAgent(answer) },
  );
  expect(results[0]!.turns[0]!.measure).toMatchObject({ calls: 1, inputTokens: 1000, outputTokens: 500 });
  expect(summary.agent).toMatchObject({ calls: 2, inputTokens: 2000, outputTokens: 1000 });
  expect(summary.agent.costUsd).toBeCloseTo(2 * (0.15e-3 + 0.3e-3), 10);
  expect(summary.latency.p50).toBeGreaterThan(0);
});

test("without a judge, what is in words is unjudged: neither passed nor failed", async () => {
  const polite = { judge: "It is polite." };
  const scenarios = [
    { id: "judged", turns: ["Hi."], checks: [{ contains: "hi" }] },
    { id: "unjudged", turns: [{ say: "Hi.", checks: [polite] }], checks: [{ contains: "hi" }] },
    { id: "failed", turns: ["Hi."], checks: [polite, { contains: "nobody said this" }] },
    { id: "by a function", turns: ["Hi."], checks: [{ judge: () => true }] },
  ];
  const { byId, summary } = await simulate(scenarios, { judge: false });
  const outcomes = scenarios.map(({ id }) => byId(id).outcome);
  expect(outcomes).toEqual(["passed", "unjudged", "failed", "passed"]);
  expect(byId("unjudged").turns[0]!.checks).toEqual([{ check: "judge: It is polite." }]);
  expect(summary).toMatchObject({ passed: 2, unjudged: 1, failed: 1, checks: { passed: 3, failed: 1, unjudged: 2 } });
});

test("a conversation that a signal ends before its time is neither passed nor failed", async () => {
  const controller = new AbortController();
  const results: ConversationResult[] = [];
  const agent = defineAgent({
    completion() {
      controller.abort();
      return { response: "Hm." };
    },
  });
  const scenarios = [{ id: "a", turns: ["One.", "Two."], checks: [{ contains: "nothing of the kind" }] }];
  const backend = local({ scenarios, onResult: (result) => void results.push(result) });
  await connect(agent, { backend, signal: controller.signal });
  expect(results).toMatchObject([{ id: "a", outcome: "stopped", turns: [{ agent: "Hm." }], checks: [] }]);
  expect(backend.summary).toMatchObject({ stopped: 1, failed: 0 });
});

test("three hundred conversations at a concurrency of fifty: none is lost, none asked for twice", {
  timeout: 60_000,
}, async () => {
  await using server = await wireServer();
  server.reply(({ body }) => ({ text: `You said: ${body.messages.at(-1).content}` }));
  const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
  let taken = 0;
  let over = 0;
  let mostOpen = 0;
  function* scenarios(): Generator<Scenario> {
    for (let index = 0; index < 300; index++) {
      mostOpen = Math.max(mostOpen, ++taken - over);
      yield { id: `s${index}`, turns: [`word-${index}-`], checks: [{ contains: `word-${index}-` }] };
    }
  }
  const ids = new Set<string>();
  const backend = local({
    scenarios: scenarios(),
    onResult({ id }) {
      over++;
      ids.add(id);
    },
  });
  expect(await connect(defineAgent(answer), { backend, concurrency: 50 })).toEqual({ delivered: 300, failed: 0 });
  expect(backend.summary).toMatchObject({ passed: 300, conversations: 300 });
  expect(ids.size).toBe(300);
  expect(server.requests).toHaveLength(300);
  expect(new Set(server.requests.map(({ body }) => body.messages[0].content)).size).toBe(300);
  expect(server.peakInFlight).toBeLessThanOrEqual(50);
  // They are taken as they are talked through, so that a million need no more memory.
  expect(mostOpen).toBeLessThanOrEqual(50);
});

test.each<[unknown, RegExp]>([
  [{ turns: ["Hi."] }, /^scenarios: id is missing/],
  [{ id: "a" }, /needs either turns.*or user/],
  [{ id: "a", turns: ["Hi."], user: { goal: "x" } }, /needs either/],
  [{ id: "a", turns: [] }, /turns must be a list that is not empty/],
  [{ id: "a", turns: [""] }, /turns\[0\] must be a text/],
  [{ id: "a", turn: ["Hi."] }, /turn is not known. Did you mean turns\?/],
  [
    { id: "a", turns: ["Hi."], checks: [{ contain: "x" }] },
    /checks\[0\]\.contain is not known. Did you mean contains\?/,
  ],
  [{ id: "a", turns: ["Hi."], checks: [{ contains: "x", matches: "y" }] }, /checks\[0\] must say one thing/],
  [{ id: "a", turns: ["Hi."], checks: [{ matches: "(" }] }, /checks\[0\]\.matches is not a valid regular expression/],
  [
    { id: "a", turns: ["Hi."], checks: [{ schema: { type: "thing" } }] },
    /schema is not a JSON Schema that can be used: type must be one of/,
  ],
  [
    { id: "a", turns: ["Hi."], checks: [{ schema: { allof: [] } }] },
    /uses allof, which is not checked. Did you mean allOf\?/,
  ],
  [{ id: "a", user: { goal: "x", maxTurns: 0 } }, /user\.maxTurns must be a whole number/],
])("the scenario %j is refused, and its field named", async (wrong, problem) => {
  const refused = simulate([wrong as Scenario]);
  await expect(refused).rejects.toThrow(ScenarioError);
  await expect(refused).rejects.toThrow(problem);
});

test("an id that is there twice is refused", async () => {
  const scenario = { id: "a", turns: ["Hi."] };
  await expect(simulate([scenario, scenario])).rejects.toThrow(/id is "a" once more/);
});

test("a result that cannot be handed on ends the run with that error", async () => {
  const onResult = () => {
    throw new Error("The disk is full.");
  };
  await expect(
    simulate(
      [
        { id: "a", turns: ["Hi."] },
        { id: "b", turns: ["Hi.", "Ho."] },
      ],
      { onResult },
    ),
  ).rejects.toThrow(/The disk is full/);
});

test("an answer that is delivered twice counts once", async () => {
  const results: ConversationResult[] = [];
  const backend = local({
    scenarios: [{ id: "a", turns: ["One.", "Two."] }],
    onResult: (result) => void results.push(result),
  });
  const { signal } = new AbortController();
  const measure = { latencyMs: 1, calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
  const [first] = await backend.pending(signal);
  await Promise.all([1, 2].map(() => backend.deliver(first!, { response: "Yes." }, measure)));
  const [second, more] = await backend.pending(signal);
  expect([second?.testId, more]).toEqual(["a#2", undefined]);
  await backend.deliver(first!, { response: "Late." }, measure);
  await backend.deliver(second!, { response: "No." }, measure);
  expect(results.map(({ turns }) => turns.map(({ agent }) => agent))).toEqual([["Yes.", "No."]]);
  expect(backend.exhausted).toBe(true);
});
