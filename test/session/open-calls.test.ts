import { assistant, type Message, type Model, model, Session, tool, user } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { onBothWires } from "../calls/wires.js";

const call = (id: string) => ({ type: "tool-call", id, name: "weather", arguments: "{}" }) as const;
const result = (id: string, content = id): Message => ({
  role: "tool",
  content: [{ type: "tool-result", id, name: "weather", content }],
});
const notRun = (...ids: readonly string[]): Message => ({
  role: "tool",
  content: ids.map((id) => ({
    type: "tool-result",
    id,
    name: "weather",
    content: "This call was not run.",
    isError: true,
  })),
});
const weather = tool({ name: "weather", description: "The weather", input: z.object({}) })(async () => "Warm.");
const twoCalls = {
  toolCalls: [
    { name: "weather", args: {}, id: "call_1" },
    { name: "weather", args: {}, id: "call_2" },
  ],
};
const answerOf = (session: Session) => session.history.at(-1) as Message;
const codes = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);

onBothWires((wire) => {
  const start = async () => {
    wire.server.reply(twoCalls, { text: "Fine." });
    const session = new Session({ model: model(wire.reference, wire.access), tools: [weather], maxSteps: 1 });
    await session.send("Hi");
    return session;
  };

  test("calls that nobody ran get an error result in the next turn, and the response warns of each", async () => {
    const session = await start();
    const calls = answerOf(session);
    const response = await session.send("And now?");
    expect(response.warnings.map(({ code, message }) => [code, message])).toEqual([
      ["tool_not_run", expect.stringContaining('"call_1"')],
      ["tool_not_run", expect.stringContaining('"call_2"')],
    ]);
    expect(session.history).toEqual([
      user("Hi"),
      calls,
      notRun("call_1", "call_2"),
      user("And now?"),
      assistant("Fine."),
    ]);
    expect(codes(await session.send("Again?"))).toEqual([]);
  });

  test("a result that the input holds is used, and stands before the rest of the input", async () => {
    const session = await start();
    const calls = answerOf(session);
    const response = await session.send([user("And now?"), result("call_2")]);
    expect(codes(response)).toEqual(["tool_not_run"]);
    expect(session.history.slice(1)).toEqual([
      calls,
      result("call_2"),
      notRun("call_1"),
      user("And now?"),
      assistant("Fine."),
    ]);
  });

  test("without input the calls are answered too, and the model goes on", async () => {
    const session = await start();
    expect((await session.send()).content).toBe("Fine.");
    expect(session.history.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  test("a stream warns of them as well", async () => {
    const session = await start();
    const stream = await session.stream("And now?");
    expect(codes(await stream.response())).toEqual(["tool_not_run", "tool_not_run"]);
  });
});

describe("add()", () => {
  const open = () => {
    const session = new Session({ model: script(["Fine.", "Fine."]) });
    session.add(user("Hi"));
    session.add(assistant([call("call_1"), call("call_2")]));
    return session;
  };

  test("answers open calls before another message than a result, and the next response warns of it", async () => {
    const session = open();
    session.add(result("call_1"));
    session.add(user("Hm"));
    expect(session.history.slice(2)).toEqual([result("call_1"), notRun("call_2"), user("Hm")]);
    expect(codes(await session.send())).toEqual(["tool_not_run"]);
    expect(codes(await session.send("Again?"))).toEqual([]);
  });

  test("takes the results one by one", () => {
    const session = open();
    session.add(result("call_2"));
    session.add(result("call_1"));
    session.add(user("Hm"));
    expect(session.history.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "user"]);
  });

  test("leaves out a result that was added while a turn ran and fits no call, with a warning on the next response", async () => {
    const inner = script(["Fine.", "Fine."]);
    const meddling: Model = {
      id: inner.id,
      async *run(request) {
        if (inner.requests.length === 0) {
          session.add(result("call_9"));
          session.add(user("Hm"));
        }
        yield* inner.run(request);
      },
    };
    const session = new Session({ model: meddling });
    await session.send("Hi");
    expect(session.history).toEqual([user("Hi"), assistant("Fine."), user("Hm")]);
    const response = await session.send();
    expect(response.warnings).toEqual([
      { code: "message_left_out", message: expect.stringContaining('the tool call "call_9"') },
    ]);
  });
});

test("a turn that begins with results does not join the question behind them to the turn before", async () => {
  const session = new Session({ model: script([twoCalls, "Fine."]), maxSteps: 1, maxMessages: 4 });
  await session.send("One?");
  await session.send([result("call_1"), result("call_2"), user("Two?")]);
  expect(session.history).toEqual([user("Two?"), assistant("Fine.")]);
});
