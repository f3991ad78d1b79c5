import {
  assistant,
  audio,
  ConfigurationError,
  cachePoint,
  document,
  image,
  type Message,
  model,
  Session,
  system,
  tool,
  user,
} from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { deepFreeze, onBothWires } from "../calls/wires.js";

const anyModel = { model: script([]) };
const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `21 degrees in ${city}`,
);

/** One of every part. */
const messages: readonly Message[] = [
  system(["Be brief.", cachePoint("1h")]),
  user([
    "Look at this:",
    image(new URL("https://example.com/a.png?x=1"), { detail: "low" }),
    image(new Uint8Array([0x89, 0x50, 0xff, 0]), { mediaType: "image/png" }),
    audio(new Uint8Array([1, 2, 3]), { mediaType: "audio/wav" }),
    document(new Uint8Array(70_000).fill(7), { mediaType: "application/pdf", name: "a.pdf" }),
  ]),
  assistant([
    {
      type: "reasoning",
      text: "Hm.",
      origin: "anthropic",
      data: { type: "thinking", signature: "abc", $bytes: "==", $: 1 },
    },
    { type: "tool-call", id: "call_1", name: "look", arguments: '{"at":1}' },
    { type: "tool-call", id: "call_2", name: "look", arguments: "" },
  ]),
  { role: "tool", content: [{ type: "tool-result", id: "call_1", name: "look", content: "seen", isError: false }] },
  {
    role: "tool",
    content: [{ type: "tool-result", id: "call_2", name: "look", content: [image("https://example.com/b.png")] }],
  },
  assistant("Nice."),
];

function sessionOf(all: readonly Message[]): Session {
  const session = new Session(anyModel);
  for (const message of all) session.add(message);
  return session;
}

const throughJson = (session: Session) => JSON.parse(JSON.stringify(session));

onBothWires((wire) => {
  test("a session that was saved and restored sends what the first one would send", async () => {
    wire.server.reply({ toolCalls: [{ name: "get_weather", args: { city: "Rome" } }] }, { text: "Warm." });
    const options = { model: model(wire.reference, wire.access), system: "Be brief.", tools: [weather] };
    const session = new Session(options);
    await session.send(["Where am I?", image("https://example.com/rome.png")].map((content) => user(content)));
    const restored = Session.fromJSON(throughJson(session), { ...options, system: undefined });
    expect(restored.history).toEqual(session.history);
    await session.send("Sure?");
    const { body } = wire;
    await restored.send("Sure?");
    expect(wire.body).toEqual(body);
  });

  test("what the model thought is saved with its signature, and goes back to the provider it came from", async () => {
    const reasoning = {
      type: "reasoning",
      text: "Hm.",
      origin: "anthropic",
      data: { type: "thinking", signature: "c2ln" },
    };
    const session = sessionOf([user("Hi"), assistant([reasoning as never, { type: "text", text: "Hello." }])]);
    const restored = Session.fromJSON(throughJson(session), { model: model(wire.reference, wire.access) });
    await restored.send("Go on");
    const sent = JSON.stringify(wire.body.messages);
    expect(sent.includes('"signature":"c2ln"')).toBe(wire.provider === "anthropic");
  });
});

test("every part of a history comes back as it was: bytes, links, tool calls, reasoning", () => {
  const session = sessionOf(messages);
  const restored = Session.fromJSON(throughJson(session), anyModel);
  expect(restored.history).toEqual(messages);
  expect(restored.toJSON()).toEqual(session.toJSON());
});

test("the saved data is plain JSON", () => {
  const session = sessionOf(messages);
  expect(throughJson(session)).toEqual(session.toJSON());
});

describe("saved data that was changed", () => {
  const changed = (edit: (messages: any[]) => unknown) => {
    const data = throughJson(sessionOf(messages));
    edit(data.messages);
    return data;
  };
  /** Sets what lies at a path; undefined takes it away. */
  const put = (value: unknown, ...path: (string | number)[]) =>
    changed((all) => {
      const holder = path.slice(0, -1).reduce((at: any, key) => at[key], all);
      if (value === undefined) delete holder[path.at(-1) as string];
      else holder[path.at(-1) as string] = value;
    });
  const saved = throughJson(sessionOf(messages));

  test.each<[string, unknown]>([
    ["is no data at all", undefined],
    ["is a list", []],
    ["holds no messages", { version: 1 }],
    ["comes from a later version", { ...saved, version: 2 }],
    ["has no version", { messages: saved.messages }],
    ["holds a role that is none", put("wizard", 1, "role")],
    ["holds no role", put(undefined, 1, "role")],
    ["holds a number as content", put(7, 1, "content")],
    ["holds null for a message", put(null, 1)],
    ["holds a part of no known type", put("video", 1, "content", 0, "type")],
    ["holds a text part without text", put(undefined, 1, "content", 0, "text")],
    ["has the answer with tool calls as the user's", put("user", 2, "role")],
    ["has the answer with tool calls as the system's", put("system", 2, "role")],
    ["has a tool's result as the user's", put("user", 3, "role")],
    ["has the user's question as a tool's", put("tool", 1, "role")],
    ["has a text as a tool's", put("tool", 5, "role")],
    ["lacks the call of a result", changed((all) => all.splice(2, 1))],
    ["lacks the result of a call", changed((all) => all.splice(4, 1))],
    ["answers a call twice", changed((all) => all.splice(4, 0, all[3]))],
    ["answers under another id", put("call_9", 3, "content", 0, "id")],
    ["has the results before the calls", changed((all) => all.splice(1, 0, ...all.splice(3, 2)))],
    ["holds bytes that are no base64", put({ $bytes: "%%%" }, 1, "content", 2, "source")],
    ["holds a link to a file", put({ $url: "file:///etc/passwd" }, 1, "content", 1, "source")],
    ["holds a link that is none", put({ $url: "x" }, 1, "content", 1, "source")],
    ["holds a path in place of a link", put("/etc/passwd", 1, "content", 1, "source")],
  ])("because it %s is refused, and stays as it is", (_, data) => {
    deepFreeze(data);
    const error = (() => {
      try {
        Session.fromJSON(data, anyModel);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/^The saved session cannot be read\. ([A-Z]|messages\[)/);
  });
});

test("saved data that is nested too deep is refused", () => {
  const content = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const data = { version: 1, messages: [{ role: "user", content }] };
  expect(() => Session.fromJSON(data, anyModel)).toThrow(ConfigurationError);
});

test("calls at the end may wait for their results", () => {
  const session = sessionOf(messages.slice(0, 3));
  expect(Session.fromJSON(throughJson(session), anyModel).history).toHaveLength(3);
});

test("a key __proto__ in saved data pollutes nothing", () => {
  const data = JSON.parse('{"version":1,"messages":[{"role":"user","content":"Hi","__proto__":{"polluted":true}}]}');
  Session.fromJSON(data, anyModel);
  expect(({} as any).polluted).toBeUndefined();
});
