import { assistant, type Message, type Model, model, Session, system, tool, user } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { onBothWires, turnsOf } from "../calls/wires.js";

const count = tool({ name: "count", description: "Counts", input: z.object({}) })(() => "1");

/** A model that says as many words as it is asked for, and keeps nothing but the length of each request. */
function talker(words = 1) {
  const lengths: number[] = [];
  const model: Model = {
    id: "test/talker",
    async *run({ messages }) {
      lengths.push(messages.length);
      yield { type: "text-delta", text: "word ".repeat(words) };
      yield { type: "finish", reason: "stop" };
    },
  };
  return { model, lengths };
}

const texts = (session: Session) => session.history.map(({ content }) => content);

onBothWires((wire) => {
  test("maxMessages forgets the oldest turns, whole with their calls and results, and not the system message", async () => {
    wire.server.reply(({ body }) => {
      const last = JSON.stringify(body.messages.at(-1));
      return last.includes("tool") && !last.includes("result") && !last.includes('"role":"tool"')
        ? { toolCalls: [{ name: "count", args: {} }] }
        : { text: "Done." };
    });
    const session = new Session({
      model: model(wire.reference, wire.access),
      system: "Be brief.",
      tools: [count],
      maxMessages: 5,
    });
    await session.send("use the tool");
    expect(session.history.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "assistant"]);
    await session.send("one");
    expect(session.history.map(({ role }) => role)).toEqual(["system", "user", "assistant"]);
    await session.send("two");
    await session.send("three");
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["Be brief.", "one", "Done.", "two", "Done.", "three"]);
    expect(texts(session)).toEqual(["Be brief.", "two", "Done.", "three", "Done."]);
  });
});

describe("a limit", () => {
  test("keeps the newest turn, even where it alone is too long", async () => {
    const session = new Session({ model: talker().model, maxMessages: 1, maxTokens: 1 });
    await session.send("one");
    await session.send("two");
    expect(texts(session)).toEqual(["two", "word "]);
  });

  test("of tokens forgets whole turns too, by what messages are estimated to have", async () => {
    const session = new Session({ model: talker(100).model, maxTokens: 250 });
    for (const text of ["one", "two", "three"]) await session.send(text);
    expect(texts(session).filter((_, index) => index % 2 === 0)).toEqual(["two", "three"]);
  });

  test("of tokens counts the system message, which stays", async () => {
    const session = new Session({ model: talker(100).model, system: "word ".repeat(100), maxTokens: 250 });
    for (const text of ["one", "two"]) await session.send(text);
    expect(session.history).toHaveLength(3);
    expect(session.history[0]?.role).toBe("system");
  });

  test("keeps several messages of one turn together, and messages that were added apart", async () => {
    const session = new Session({ model: talker().model, maxMessages: 4 });
    await session.send([user("one"), user("more of one")]);
    await session.send("two");
    expect(session.history).toHaveLength(2);
    session.add(user("three"));
    session.add(user("four"));
    session.add(user("five"));
    expect(texts(session)).toEqual(["three", "four", "five"]);
  });

  test("never leaves an answer without its question in front", () => {
    const session = new Session({ model: talker().model, maxMessages: 3 });
    for (let turn = 0; turn < 10; turn++) {
      session.add(user(`question ${turn}`));
      session.add(assistant(`answer ${turn}`));
      expect(session.history[0]?.role).toBe("user");
      expect(session.history.length).toBeLessThanOrEqual(3);
    }
  });

  test("holds for a session that is restored with a smaller one", () => {
    const session = new Session({ model: talker().model, system: "Be brief." });
    for (let turn = 0; turn < 10; turn++) {
      session.add(user("question"));
      session.add(assistant("answer"));
    }
    const restored = Session.fromJSON(session.toJSON(), { model: talker().model, maxMessages: 4 });
    expect(restored.history).toHaveLength(5);
  });

  test("keeps several messages of one turn together when they are restored", async () => {
    const session = new Session({ model: talker().model });
    await session.send([user("one"), user("more of one")]);
    await session.send("two");
    const restored = Session.fromJSON(session.toJSON(), { model: talker().model, maxMessages: 4 });
    expect(texts(restored)).toEqual(["two", "word "]);
  });
});

describe("a hundred thousand messages", () => {
  test.each([
    ["messages of the user", (n: number) => user(`message ${n}`)],
    ["questions and answers", (n: number) => (n % 2 ? assistant(`message ${n}`) : user(`message ${n}`))],
    ["notes in between", (n: number) => (n % 3 ? user(`message ${n}`) : system(`message ${n}`))],
  ])("that are %s stay within the limit, and cost no more than the last ones", (_, make: (n: number) => Message) => {
    const session = new Session({ model: talker().model, maxMessages: 50, maxTokens: 100_000 });
    session.add(user("first"));
    for (let n = 0; n < 100_000; n++) session.add(make(n));
    expect(session.history.length).toBeLessThanOrEqual(50);
    expect(session.history.at(-1)?.content).toBe("message 99999");
  });

  test("that are said in turns stay within the limit, and each request sends no more", async () => {
    const { model, lengths } = talker();
    const session = new Session({ model, maxMessages: 10 });
    for (let turn = 0; turn < 20_000; turn++) await session.send("question");
    expect(session.history).toHaveLength(10);
    expect(lengths.reduce((most, length) => Math.max(most, length))).toBe(11);
  }, 60_000);
});
