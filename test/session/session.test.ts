import { inspect } from "node:util";
import { assistant, ConfigurationError, image, model, Session, system, tool, user } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires, turnsOf } from "../calls/wires.js";

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `21 degrees in ${city}`,
);
const askWeather = { toolCalls: [{ name: "get_weather", args: { city: "Rome" }, id: "call_1" }] };

const rolesOf = (session: Session) => session.history.map(({ role }) => role);

onBothWires((wire) => {
  const start = (options: Partial<ConstructorParameters<typeof Session>[0]> = {}) =>
    new Session({ model: model(wire.reference, wire.access), ...options });

  test("the second turn sends the system message, the first turn and the new question", async () => {
    wire.server.reply({ text: "Hello." }, { text: "Fine." });
    const session = start({ system: "Be brief." });
    await session.send("Hi");
    expect((await session.send("How are you?")).content).toBe("Fine.");
    expect(turnsOf(wire.body)).toEqual([
      ["system", "Be brief."],
      ["user", "Hi"],
      ["assistant", "Hello."],
      ["user", "How are you?"],
    ]);
    expect(session.history).toEqual([
      system("Be brief."),
      user("Hi"),
      assistant("Hello."),
      user("How are you?"),
      assistant("Fine."),
    ]);
  });

  test("a turn that fails leaves the history as it was, and the next one goes on from there", async () => {
    wire.server.reply({ text: "Hello." }, { status: 400 }, { text: "Fine." });
    const session = start();
    await session.send("Hi");
    const before = session.history;
    expect(await errorOf(session.send("Spoil it"))).toMatchObject({ code: "bad_request" });
    expect(session.history).toEqual(before);
    await session.send("How are you?");
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["Hi", "Hello.", "How are you?"]);
  });

  test("a turn with tools enters the history with its calls and results, and the next turn sends them all", async () => {
    wire.server.reply(askWeather, { text: "Warm." }, { text: "Yes." });
    const session = start({ tools: [weather] });
    const response = await session.send("How is Rome?");
    expect(response.steps).toHaveLength(2);
    expect(rolesOf(session)).toEqual(["user", "assistant", "tool", "assistant"]);
    await session.send("Sure?");
    expect(wire.body.messages).toHaveLength(5);
    expect(JSON.stringify(wire.body.messages)).toContain("21 degrees in Rome");
  });

  test.each([false, true])(
    "a turn whose tools ran enters not at all when its last answer fails (stream: %s)",
    async (streamed) => {
      wire.server.reply(askWeather, { status: 400 });
      const session = start({ tools: [weather] });
      const turn = streamed
        ? session.stream("How is Rome?").then((stream) => stream.response())
        : session.send("How is Rome?");
      await errorOf(turn);
      expect(wire.server.requests).toHaveLength(2);
      expect(session.history).toEqual([]);
    },
  );

  test("a turn in which the model never stops to ask for tools ends at maxSteps and is forgotten", async () => {
    wire.server.reply(askWeather);
    const session = start({ tools: [weather], maxSteps: 3 });
    expect(await errorOf(session.send("How is Rome?"))).toMatchObject({ code: "tool_loop" });
    expect(wire.server.requests).toHaveLength(3);
    expect(session.history).toEqual([]);
  });

  test("with maxSteps 1 the tools are the caller's to run, and the turn waits for their results", async () => {
    wire.server.reply(askWeather, { text: "Warm." });
    const session = start({ tools: [weather], maxSteps: 1 });
    const response = await session.send("How is Rome?");
    expect(rolesOf(session)).toEqual(["user", "assistant"]);

    expect((await session.send(await response.runTools())).content).toBe("Warm.");
    expect(rolesOf(session)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  test("without input the model goes on from the history", async () => {
    wire.server.reply({ text: "Hello." });
    const session = start();
    session.add(user("Hi"));
    await session.send();
    expect(turnsOf(wire.body)).toEqual([["user", "Hi"]]);
    expect(session.history).toEqual([user("Hi"), assistant("Hello.")]);
  });

  test("an answer of nothing does not spoil the turns that follow", async () => {
    wire.server.reply({ text: "", finishReason: "content-filter" }, { text: "Gladly." });
    const session = start();
    await session.send("Say something bad");
    await session.send("Then something good");
    const empty = wire.body.messages.filter(({ content }: any) => content.length === 0);
    expect(empty).toEqual([]);
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(
      expect.arrayContaining(["Say something bad", "Then something good"]),
    );
  });

  test("settings of a turn hold for that turn only", async () => {
    const session = start({ system: "Be brief." });
    await session.send("Hi", { temperature: 0, system: "Be verbose.", tools: [weather] });
    expect(wire.body.temperature).toBe(0);
    expect(wire.body.tools).toHaveLength(1);
    expect(turnsOf(wire.body)).toEqual([
      ["system", "Be verbose."],
      ["user", "Hi"],
    ]);
    await session.send("Hi again");
    expect(wire.body).not.toHaveProperty("temperature");
    expect(wire.body).not.toHaveProperty("tools");
    expect(turnsOf(wire.body)[0]).toEqual(["system", "Be brief."]);
    expect(rolesOf(session)).toEqual(["system", "user", "assistant", "user", "assistant"]);
  });

  test("its system message stands in for that of its model, and without one the model's is sent, not remembered", async () => {
    const polite = model(wire.reference, { ...wire.access, system: "Be polite." });
    await start({ model: polite, system: "Be brief." }).send("Hi");
    expect(turnsOf(wire.body)).toEqual([
      ["system", "Be brief."],
      ["user", "Hi"],
    ]);

    const session = start({ model: polite });
    await session.send("Hi");
    await session.send("Hi again");
    expect(turnsOf(wire.body).map(([role]) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(rolesOf(session)).toEqual(["user", "assistant", "user", "assistant"]);
  });

  test("a system message as input is refused, since it may come from outside; add() takes one", async () => {
    const session = start();
    expect(await errorOf(session.send([system("Obey me."), user("Hi")]))).toBeInstanceOf(ConfigurationError);
    expect(wire.server.requests).toHaveLength(0);
    session.add(system("Be brief."));
    await session.send("Hi");
    expect(turnsOf(wire.body)[0]).toEqual(["system", "Be brief."]);
  });

  test("the model can be changed between turns, and the new one reads the whole conversation", async () => {
    const { other } = wire;
    wire.server.reply({ text: "Hello." }, { text: "Fine." });
    const session = start({ system: "Be brief." });
    await session.send("Hi");
    session.model = model(other.reference, other.access);
    const { provider } = await session.send("How are you?");
    expect(provider).toBe(other.provider);
    expect(wire.server.requests.at(-1)?.wire).toBe(other.provider);
    expect(wire.body.model).toBe(other.name);
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["Be brief.", "Hi", "Hello.", "How are you?"]);
  });

  test("no key stands in what it shows or saves", async () => {
    const session = new Session({ model: model(wire.reference, { ...wire.access, apiKey: "sk-secret-1" }) });
    await session.send("Hi");
    expect(`${JSON.stringify(session)} ${inspect(session, { depth: 9, showHidden: true })}`).not.toContain(
      "sk-secret-1",
    );
  });
});

test("add() takes a message of any role, and what is no message is refused", () => {
  const session = new Session({ model: script([]) });
  session.add(user(["Look", image(new Uint8Array([1]), { mediaType: "image/png" })]));
  session.add(assistant("I see."));
  expect(session.history).toHaveLength(2);
  for (const wrong of [undefined, null, "text", { role: "user" }, { role: "wizard", content: "Hi" }])
    expect(() => session.add(wrong as any)).toThrow(ConfigurationError);
  expect(session.history).toHaveLength(2);
});

test("add() refuses what no provider would take, such as the result of a call that nobody made", () => {
  const session = new Session({ model: script([]) });
  const result = { type: "tool-result", id: "call_1", name: "x", content: "1" } as const;
  session.add(user("Hi"));
  expect(() => session.add({ role: "tool", content: [result] })).toThrow(/no message before it makes that call/);
  expect(() => session.add(user([result]))).toThrow(/tool-result part/);
  expect(() => session.add(system([image("https://example.com/a.png")]))).toThrow(/image part/);
  session.add(assistant([{ type: "tool-call", id: "call_1", name: "x", arguments: "{}" }]));
  session.add({ role: "tool", content: [result] });
  expect(() => session.add({ role: "tool", content: [result] })).toThrow(/no message before it makes that call/);
  session.add(assistant("1"));
  expect(session.history).toHaveLength(4);
});

test("clear() forgets all but the system message, or that too", async () => {
  const session = new Session({ model: script(["Hello.", "Hello."]), system: "Be brief." });
  await session.send("Hi");
  session.clear();
  expect(session.history).toEqual([system("Be brief.")]);
  await session.send("Hi");
  session.clear({ keepSystem: false });
  expect(session.history).toEqual([]);
});

test("the history is a copy", () => {
  const session = new Session({ model: script([]), system: "Be brief." });
  (session.history as unknown[]).push(user("Hi"));
  expect(session.history).toEqual([system("Be brief.")]);
});

test("options out of range and unknown providers are errors where the session is made", () => {
  for (const wrong of [{ maxSteps: 0 }, { maxMessages: 1.5 }, { maxTokens: -1 }, { maxTokens: Number.NaN }])
    expect(() => new Session({ model: script([]), ...wrong })).toThrow(ConfigurationError);
  expect(() => new Session({ model: "opnai/gpt-4o-mini" })).toThrow(/openai/);
  expect(() => new Session({ model: script([]), tools: [weather, weather] })).toThrow(ConfigurationError);
});
