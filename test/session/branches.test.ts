import { assistant, ConfigurationError, image, model, Session, tool, user } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires, turnsOf } from "../calls/wires.js";

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `21 degrees in ${city}`,
);
const askWeather = { toolCalls: [{ name: "get_weather", args: { city: "Rome" } }] };
const textsOf = (session: Session) => session.history.map(({ content }) => content);

async function talked(...answers: string[]): Promise<Session> {
  const session = new Session({ model: script(answers), system: "Be brief." });
  for (const [index] of answers.entries()) await session.send(`Question ${index + 1}`);
  return session;
}

describe("fork()", () => {
  onBothWires((wire) => {
    test("goes on from the same history, and neither session sees what is said to the other", async () => {
      wire.server.reply({ text: "Hello." }, { text: "In the fork." }, { text: "In the trunk." });
      const session = new Session({ model: model(wire.reference, wire.access), system: "Be brief.", temperature: 0.3 });
      await session.send("Hi");
      const fork = session.fork();
      await fork.send("Left?");
      expect(wire.body.temperature).toBe(0.3);
      await session.send("Right?");
      expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["Be brief.", "Hi", "Hello.", "Right?"]);
      expect(textsOf(fork)).toEqual(["Be brief.", "Hi", "Hello.", "Left?", "In the fork."]);
    });

    test("takes another model, system message and settings", async () => {
      const session = new Session({
        model: model(wire.reference, wire.access),
        system: "Be brief.",
        temperature: 0.3,
        headers: { "x-team": "one" },
      });
      await session.send("Hi");
      const { other } = wire;
      const fork = session.fork({ model: model(other.reference, other.access), system: "Be verbose.", temperature: 0 });
      await fork.send("And?");
      expect(turnsOf(wire.body)[0]).toEqual(["system", "Be verbose."]);
      expect(wire.body.temperature).toBe(0);
      expect(wire.server.requests.map(({ headers }) => headers["x-team"])).toEqual(["one", undefined]);
    });
  });

  test("while a turn runs has what was said before it, and can be saved and loaded", async () => {
    const session = await talked("One.", "Two.");
    const running = session.send("Question 3").catch(() => {});
    await Promise.resolve();
    session.add(user("By the way"));
    const fork = session.fork({ model: script(["Fork."]) });
    expect(textsOf(fork).slice(-2)).toEqual(["Two.", "By the way"]);
    expect(Session.fromJSON(JSON.parse(JSON.stringify(fork)), { model: script([]) }).history).toEqual(fork.history);
    await running;
  });

  test("keeps the limits, and counts from 0", async () => {
    const session = new Session({ model: script(["One.", "Two."]), maxMessages: 2 });
    await session.send("Question 1");
    const fork = session.fork();
    expect([fork.usage.totalTokens, fork.cost]).toEqual([0, 0]);
    await fork.send("Question 2");
    expect(textsOf(fork)).toEqual(["Question 2", "Two."]);
  });
});

describe("rewind()", () => {
  test("takes back whole turns, with their tool calls, and the next turn does not send them", async () => {
    const session = new Session({
      model: script(["One.", askWeather, "Warm.", "Again."]),
      tools: [weather],
      system: "Be brief.",
    });
    await session.send("Question 1");
    await session.send("How warm is Rome?");
    expect(session.rewind().map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(textsOf(session)).toEqual(["Be brief.", "Question 1", "One."]);
    const { messages } = await session.send("How is Oslo?");
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user", "assistant"]);
  });

  test("takes several turns, all of them or none", async () => {
    const session = await talked("One.", "Two.", "Three.");
    session.rewind(0);
    session.rewind(2);
    expect(textsOf(session)).toEqual(["Be brief.", "Question 1", "One."]);
    session.rewind(1);
    expect(textsOf(session)).toEqual(["Be brief."]);
  });

  test.each([2, -1, 1.5, Number.NaN, "1"])("refuses %s turns of a session that holds one", async (turns) => {
    const session = await talked("One.");
    expect(() => session.rewind(turns as number)).toThrow(ConfigurationError);
    expect(session.history).toHaveLength(3);
  });

  test("refuses to work while a turn runs", async () => {
    const session = await talked("One.", "Two.");
    session.rewind();
    const stream = await session.stream("Question 2").catch(() => undefined);
    if (stream) expect(() => session.rewind()).toThrow(/while a turn runs/);
    stream?.abort();
  });
});

describe("the history", () => {
  test("cannot be changed from outside, by what is read, sent, added or answered", async () => {
    const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    const question = user(["Look", image(bytes, { mediaType: "image/png" })]);
    const note = user("A note");
    const session = new Session({ model: script(["One.", "Two."]), system: "Be brief." });
    session.add(note);
    const response = await session.send(question);
    const before = JSON.stringify(session);
    const attempts: (() => unknown)[] = [
      ...[note, question, ...response.messages, ...session.history].map((message) => () => {
        (message as { content: unknown }).content = "Changed";
      }),
      ...[question, response.messages.at(-2), session.history.at(-2)].map((message) => () => {
        (message as any).content.push("Changed");
      }),
      () => bytes.fill(0),
      () => (session.history[2] as any).content[1].source.fill(0),
      () => (session.history as unknown[]).pop(),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
      expect(JSON.stringify(session)).toBe(before);
    }
  });

  test("of data that is changed after it was loaded stays as it was loaded", () => {
    const data: any = JSON.parse(JSON.stringify({ version: 1, messages: [user("Hi"), assistant("Hello.")] }));
    const session = Session.fromJSON(data, { model: script([]) });
    data.messages[0].content = "Changed";
    expect(textsOf(session)).toEqual(["Hi", "Hello."]);
  });
});

describe("settings", () => {
  onBothWires((wire) => {
    test("of a session hold for each turn, and those of a turn stand above them", async () => {
      const session = new Session({ model: model(wire.reference, wire.access), temperature: 0.3, metadata: { a: 1 } });
      await session.send("Hi");
      expect(wire.body.temperature).toBe(0.3);
      await session.send("Hi", { temperature: 0, maxTokens: 7 });
      expect(wire.body).toMatchObject({ temperature: 0 });
      const response = await session.stream("Hi");
      await response.response();
      expect(wire.body.temperature).toBe(0.3);
    });
  });

  test.each<[any, RegExp]>([
    [{ temperture: 0 }, /new Session\(\) has no option "temperture"\. Did you mean temperature\?/],
    [{ use: [] }, /model\(reference, \{ use \}\)/],
    [{ apiKey: "k" }, /model\(reference, \{ apiKey \}\)/],
    [{ responseModel: z.object({}) }, /session\.history/],
    [{ temperature: "warm" }, /temperature/],
  ])("that a session does not have are refused: %o", (options, message) => {
    expect(() => new Session({ model: "openai/gpt-4o-mini", ...options })).toThrow(message);
  });

  test.each<[any, RegExp]>([
    [{ responseModel: z.object({}) }, /session\.send\(\) has no option "responseModel".*\[\.\.\.session\.history/],
    [{ stream: true }, /session\.stream\(\)/],
    [{ maxToken: 5 }, /Did you mean maxTokens\?/],
  ])("that a turn does not have are refused before a request: %o", async (settings, message) => {
    const session = new Session({ model: script(["One."]) });
    for (const turn of [session.send("Hi", settings), session.stream("Hi", settings)])
      expect(await errorOf(turn)).toMatchObject({
        name: "ConfigurationError",
        message: expect.stringMatching(message),
      });
    expect((await session.send("Hi")).content).toBe("One.");
  });
});

describe("usage and cost", () => {
  onBothWires((wire) => {
    test("are those of all turns together, with each step, also of turns that were taken back", async () => {
      const usage = { input: 1000, output: 500 };
      wire.server.reply({ ...askWeather, usage }, { text: "Warm.", usage }, { text: "Yes.", usage });
      const session = new Session({ model: model(wire.reference, wire.access), tools: [weather] });
      expect([session.usage.totalTokens, session.cost]).toEqual([0, 0]);
      const first = await session.send("How warm is Rome?");
      const stream = await session.stream("Sure?");
      const second = await stream.response();
      expect(session.usage).toMatchObject({ inputTokens: 3000, outputTokens: 1500, totalTokens: 4500 });
      expect(session.cost).toBeCloseTo((first.cost ?? 0) + (second.cost ?? 0), 10);
      session.rewind(2);
      expect(session.usage.totalTokens).toBe(4500);
      expect(session.cost).toBeGreaterThan(0);
    });
  });

  test("count a turn that ran into maxSteps, and have no cost if a price is not known", async () => {
    const session = new Session({ model: script([askWeather, askWeather]), tools: [weather], maxSteps: 2 });
    expect(await errorOf(session.send("How warm is Rome?"))).toMatchObject({ code: "tool_loop" });
    expect(session.cost).toBeUndefined();
  });
});

describe("saved data", () => {
  test("takes the system message of fromJSON() in place of its own", async () => {
    const session = await talked("One.");
    const data = JSON.parse(JSON.stringify(session));
    const system = (options: object) =>
      textsOf(Session.fromJSON(data, { model: script([]), ...options })).filter((text) => /^Be/.test(String(text)));
    expect(system({ system: "Be verbose." })).toEqual(["Be verbose."]);
    expect(system({})).toEqual(["Be brief."]);
    expect(system({ system: undefined })).toEqual(["Be brief."]);
    expect(system({ system: "" })).toEqual([]);
  });
});

describe("add() while a turn runs", () => {
  const stray = { role: "tool", content: [{ type: "tool-result", id: "call_9", name: "x", content: "1" }] } as const;

  /** A session whose turn runs until `go` is called. */
  function waiting() {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const session = new Session({
      model: {
        id: "test/waiting",
        async *run() {
          await gate;
          yield { type: "text-delta", text: "Done." };
          yield { type: "finish", reason: "stop" };
        },
      },
    });
    return { session, go };
  }

  test("never puts the result of a call that nobody made into the history, also not into what is saved then", async () => {
    const { session, go } = waiting();
    const turn = session.send("Hi");
    await new Promise(setImmediate);
    session.add(stray);
    session.add(user("By the way"));
    expect(textsOf(session)).toEqual(["By the way"]);
    expect(textsOf(Session.fromJSON(JSON.parse(JSON.stringify(session)), { model: script([]) }))).toHaveLength(1);
    go();
    await turn;
    expect(textsOf(session)).toEqual(["Hi", "Done.", "By the way"]);
    expect((await session.send("And?")).warnings).toMatchObject([{ code: "message_left_out" }]);
  });
});
