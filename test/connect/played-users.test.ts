import { type Model, type ModelRequest, user } from "callwright";
import {
  type ConversationResult,
  connect,
  defineAgent,
  judgeBy,
  local,
  type Scenario,
  ScenarioError,
  simRequest,
} from "callwright/connect";
import { script, wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { Seen } from "../../src/connect/seen.js";
import { parrot, simulate } from "./simulate.js";

const played = (more: Partial<NonNullable<Scenario["user"]>> = {}): Scenario => ({
  id: "a",
  user: { goal: "Talk", ...more },
});
const saying = (...texts: string[]) => simulate([played()], { user: script(texts) });

describe("the mark of the end", () => {
  test.each(['What does "[DONE]" mean?', "[DONE] is what my terminal prints. Why?", "It prints `[DONE]`, then hangs."])(
    "a message that holds it reaches the agent: %s",
    async (text) => {
      const { first } = await saying(text, "[DONE]");
      expect(first.turns.map(({ user: said }) => said)).toEqual([text]);
      expect(first.outcome).toBe("passed");
    },
  );

  test.each(["Thanks, that is all. [DONE]", "Thanks, that is all.\n\n[DONE]\n"])(
    "the rest of a message that ends with it is sent first: %j",
    async (text) => {
      const { first } = await saying("A card is lost.", text);
      expect(first.turns.map(({ user: said }) => said)).toEqual(["A card is lost.", "Thanks, that is all."]);
      expect(first).toMatchObject({ outcome: "passed", simulation: { calls: 2 } });
    },
  );

  test.each(["[DONE]", " [done].\n", "**[DONE]**", "`[DONE]`", "[DONE] [DONE]"])(
    "a message that is nothing else ends the conversation: %j",
    async (text) => {
      const { first } = await saying("Hi.", text);
      expect(first).toMatchObject({ outcome: "passed", turns: [{ user: "Hi." }] });
    },
  );

  test("a conversation without a turn is an error, whatever its checks", async () => {
    const checks = [{ notContains: "sorry" }];
    const { first, summary } = await simulate([{ ...played(), checks }], { user: script(["[DONE]"]) });
    expect(first).toMatchObject({ outcome: "error", turns: [], checks: [] });
    expect(first.error).toMatch(/before its first turn/);
    expect(summary).toMatchObject({ error: 1, passed: 0 });
  });
});

describe("running out of turns", () => {
  const talker = (): Model => ({
    id: "script/talker",
    async *run({ messages }: ModelRequest) {
      yield { type: "text-delta", text: `More (${messages.length}).` };
      yield { type: "finish", reason: "stop" };
    },
  });
  const outcomeOf = async (scenario: Scenario, player: Model) => (await simulate([scenario], { user: player })).first;

  test("is an outcome of its own", async () => {
    const { first, summary } = await simulate([played({ maxTurns: 2 })], { user: talker() });
    expect(first).toMatchObject({ outcome: "unfinished", turns: [{ user: "More (2)." }, { user: "More (4)." }] });
    expect(summary).toMatchObject({ unfinished: 1, passed: 0, failed: 0 });
  });

  test("is not what happens to a user who is done after the last turn", async () => {
    const { outcome, turns } = await outcomeOf(played({ maxTurns: 2 }), script(["One.", "Two.", "[DONE]"]));
    expect([outcome, turns.length]).toEqual(["passed", 2]);
    expect((await outcomeOf(played({ maxTurns: 1 }), script(["One. [DONE]"]))).outcome).toBe("passed");
  });

  test("is assumed if the user's model cannot be asked after the last turn", async () => {
    const { outcome } = await outcomeOf(played({ maxTurns: 1 }), script(["One.", new Error("No more quota.")]));
    expect(outcome).toBe("unfinished");
  });

  test("fails a scenario that says so, and one with a check that fails", async () => {
    const strict = await outcomeOf(played({ maxTurns: 1, mustFinish: true }), talker());
    expect(strict.outcome).toBe("failed");
    expect(strict.checks).toEqual([
      { check: "the user finishes within 1 turns", passed: false, reason: "The user would have gone on." },
    ]);
    const checks = [{ contains: "nobody said this" }];
    expect((await outcomeOf({ ...played({ maxTurns: 1 }), checks }, talker())).outcome).toBe("failed");
    const done = await outcomeOf(played({ mustFinish: true }), script(["One.", "[DONE]"]));
    expect(done).toMatchObject({ outcome: "passed", checks: [{ passed: true }] });
  });

  test("mustFinish must be true or false", async () => {
    await expect(simulate([played({ mustFinish: "yes" as never })])).rejects.toThrow(/user.mustFinish must be true or/);
  });
});

describe("limits", () => {
  test("no more models are asked at the same time than the concurrency says, and conversations end before others begin", async () => {
    let [running, peak, taken, over, mostOpen] = [0, 0, 0, 0, 0];
    const order: string[] = [];
    const model = (answer: (request: ModelRequest) => string): Model => ({
      id: "script/counting",
      async *run(request) {
        peak = Math.max(peak, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        yield { type: "text-delta", text: answer(request) };
        yield { type: "finish", reason: "stop" };
      },
    });
    function* scenarios(): Generator<Scenario> {
      for (let index = 0; index < 60; index++) {
        mostOpen = Math.max(mostOpen, ++taken - over);
        yield {
          id: `s${index}`,
          user: { goal: "Talk", maxTurns: 5 },
          checks: [{ judge: "Polite." }, { judge: "Brief." }, { judge: "True." }],
        };
      }
    }
    const player = model(({ messages }) => (messages.length > 6 ? "[DONE]" : "More."));
    const judge = judgeBy(model(() => '{"reason":"Fine.","passed":true}'));
    const onResult = ({ id }: ConversationResult) => {
      over++;
      order.push(id);
    };
    const { summary } = await simulate(scenarios(), { user: player, judge, onResult }, { concurrency: 2 });
    expect(summary).toMatchObject({ passed: 60, turns: 180, checks: { passed: 180 } });
    expect(peak).toBe(2);
    expect(mostOpen).toBe(2);
    // Depth first: none ends much before its turn.
    expect(order.every((id, at) => Math.abs(Number(id.slice(1)) - at) <= 1)).toBe(true);
  });

  test("a list without a scenario is refused, since it would test nothing", async () => {
    await expect(simulate([])).rejects.toThrow(ScenarioError);
    await expect(simulate([])).rejects.toThrow(/there is none/);
  });

  test("scenarios that a stop kept from beginning are counted as stopped", async () => {
    const controller = new AbortController();
    const scenarios = Array.from({ length: 9 }, (_, index) => ({ id: `s${index}`, turns: ["One.", "Two."] }));
    const results: ConversationResult[] = [];
    const backend = local({ scenarios, onResult: (result) => void results.push(result) });
    const agent = defineAgent(() => {
      controller.abort();
      return "Hm.";
    });
    await connect(agent, { backend, concurrency: 2, signal: controller.signal });
    expect(backend.summary).toMatchObject({ stopped: 9, conversations: 9 });
    expect(results.map(({ turns }) => turns.length)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0]);
    const aborted = local({ scenarios });
    await connect(parrot, { backend: aborted, signal: AbortSignal.abort() });
    expect(aborted.summary.stopped).toBe(9);
  });

  test("tests that are over and no longer listed are forgotten", () => {
    const seen = new Seen();
    const tests = Array.from({ length: 20_000 }, (_, index) => ({ testId: `t${index}` }));
    let most = 0;
    let begun = 0;
    for (let at = 0; at < tests.length; at += 2) {
      const fresh = seen.take(tests.slice(Math.max(at - 2, 0), at + 2));
      begun += fresh.length;
      for (const { testId } of fresh) if (testId !== "t0") seen.over(testId);
      most = Math.max(most, seen.size);
    }
    expect(begun).toBe(tests.length);
    expect(most).toBeLessThan(50);
    // It was begun and is not over, however long ago it was listed.
    expect(seen.take([{ testId: "t0" }, { testId: "t1" }])).toEqual([{ testId: "t1" }]);
  });

  test("a test that is listed again after a poll without it is not run again", () => {
    const seen = new Seen();
    const test = simRequest({ messages: [user("Hi.")], testId: "t1" });
    expect(seen.take([test, test])).toEqual([test]);
    seen.over("t1");
    seen.take([]);
    expect(seen.take([test])).toEqual([]);
  });
});

test("a judge sends no parameter that a model may refuse", async () => {
  await using server = await wireServer();
  server.reply({ text: '{"reason":"Fine.","passed":true}' });
  const judge = judgeBy((await import("callwright")).model("openai/gpt-4o-mini", server.openai));
  await judge({ id: "a", persona: undefined, goal: undefined, turns: [] }, "Fine.");
  expect(Object.keys(server.requests[0]!.body).sort()).toEqual(["messages", "model", "response_format", "stream"]);
});
