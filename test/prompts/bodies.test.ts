import {
  assistant,
  cachePoint,
  call,
  image,
  type Message,
  type PromptValue,
  prompt,
  promptTemplate,
  text,
  user,
} from "callwright";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "../calls/wires.js";
import { pdf, png } from "../template/rendering.js";

/** The body of a function that has a template. */
const template = (source: string) => promptTemplate(source)((_: any) => {});

const history: Message[] = [user("Hello"), assistant("Hi.")];
const pixels = Buffer.from(png).toString("base64");
const pages = Buffer.from(pdf).toString("base64");
const said = (content: unknown) => [{ role: "user", content }];

interface Row {
  readonly ask: () => PromptValue | Promise<PromptValue>;
  /** The messages on the wire of both, where they agree. */
  readonly messages?: unknown;
  readonly openai?: unknown;
  readonly anthropic?: { readonly system?: unknown; readonly messages: unknown };
}

const rows: Record<string, Row> = {
  "a variable": {
    ask: () => template("Recommend a {genre} book")({ genre: "fantasy" }),
    messages: said("Recommend a fantasy book"),
  },
  "sections, indented": {
    ask: () =>
      template(`
        SYSTEM: Be brief.
        USER:
          Hello
        ASSISTANT: Hi.
        USER: {question}
      `)({ question: "Why?" }),
    openai: [{ role: "system", content: "Be brief." }, ...history, { role: "user", content: "Why?" }],
    anthropic: { system: "Be brief.", messages: [...history, { role: "user", content: "Why?" }] },
  },
  "two system sections": {
    ask: () => prompt`
      SYSTEM: One.
      SYSTEM: Two.
      USER: Go`,
    openai: [{ role: "system", content: "One." }, { role: "system", content: "Two." }, ...said("Go")],
    anthropic: {
      system: [
        { type: "text", text: "One." },
        { type: "text", text: "Two." },
      ],
      messages: said("Go"),
    },
  },
  "text before the first role, and roles that are none": {
    ask: () => template("The ECOSYSTEM: a user: and USER: in mid-line\nuser: small\nASSISTANT: Yes. {{}}")({}),
    messages: [...said("The ECOSYSTEM: a user: and USER: in mid-line\nuser: small"), assistant("Yes. {}")],
  },
  "null in the middle": { ask: () => template("a {q} b")({ q: null }), messages: said("a  b") },
  "0 and false": { ask: () => prompt`${0} ${false} ${""}.`, messages: said("0 false .") },
  "a section that is empty": {
    ask: () => template("SYSTEM: {s}\nUSER: Go")({ s: undefined }),
    messages: said("Go"),
  },
  "lines and blocks": {
    ask: () => template("{a:list}\n--\n{b:lists}\n--\n{a} :list")({ a: ["a", 2], b: [["a", "b"], ["c"]] }),
    messages: said('a\n2\n--\na\nb\n\nc\n--\n["a",2] :list'),
  },
  "code in a template": {
    ask: () =>
      template(`
        Fix this:
          if (a) {{
            b();
          }}
      `)({}),
    messages: said("Fix this:\n  if (a) {\n    b();\n  }"),
  },
  "line ends of Windows": {
    ask: () => template("SYSTEM: a\r\nUSER: b\r\nc")({}),
    openai: [{ role: "system", content: "a" }, ...said("b\nc")],
    anthropic: { system: "a", messages: said("b\nc") },
  },
  "a history between two sections": {
    ask: () => template("SYSTEM: s\nMESSAGES: {history}\nUSER: u")({ history }),
    openai: [{ role: "system", content: "s" }, ...history, ...said("u")],
    anthropic: { system: "s", messages: [...history, ...said("u")] },
  },
  "parts of text": {
    ask: () => template("{x:text}{xs:texts}")({ x: "a", xs: ["b", "c"] }),
    messages: said(["a", "b", "c"].map((each) => ({ type: "text", text: each }))),
  },
  "an image by link, with detail": {
    ask: () => template("Look: {url:image(detail=low)}")({ url: "https://x.test/a.png" }),
    openai: said([
      { type: "text", text: "Look:" },
      { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
    ]),
    anthropic: {
      messages: said([
        { type: "text", text: "Look:" },
        { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
      ]),
    },
  },
  "an image in bytes": {
    ask: () => prompt`${image(png)}`,
    openai: said([{ type: "image_url", image_url: { url: `data:image/png;base64,${pixels}` } }]),
    anthropic: {
      messages: said([{ type: "image", source: { type: "base64", media_type: "image/png", data: pixels } }]),
    },
  },
  "a document in bytes": {
    ask: () => template("{d:document}")({ d: pdf }),
    openai: said([
      { type: "file", file: { filename: "document.pdf", file_data: `data:application/pdf;base64,${pages}` } },
    ]),
    anthropic: {
      messages: said([{ type: "document", source: { type: "base64", media_type: "application/pdf", data: pages } }]),
    },
  },
  "a cache point after text": {
    ask: () => template("SYSTEM: Long.{:cache(ttl=1h)}\nUSER: a{:cache} b")({}),
    openai: [
      { role: "system", content: "Long." },
      ...said([
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ]),
    ],
    anthropic: {
      system: [{ type: "text", text: "Long.", cache_control: { type: "ephemeral", ttl: "1h" } }],
      messages: said([
        { type: "text", text: "a", cache_control: { type: "ephemeral" } },
        { type: "text", text: "b" },
      ]),
    },
  },
};

onBothWires((wire) => {
  test.each(Object.entries(rows))("%s is on the wire as the provider spells it", async (_, row) => {
    await call(wire.reference, wire.access)(row.ask)();
    const { system, messages } = wire.body;
    const expected =
      wire.provider === "openai"
        ? { system: undefined, messages: row.openai ?? row.messages }
        : { system: undefined, ...(row.anthropic ?? { messages: row.messages }) };
    expect({ system, messages }).toEqual(expected);
  });

  describe("what a prompt function returns", () => {
    test.each<readonly [string, PromptValue, unknown]>([
      ["a string", "Hi", said("Hi")],
      ["a part", text("Hi"), said([{ type: "text", text: "Hi" }])],
      ["strings and parts", ["a", text("b"), cachePoint()], undefined],
      ["one message", user("Hi"), said("Hi")],
      ["messages", history, history],
      ["a prompt", prompt`Hi`, said("Hi")],
      ["a prompt of messages", prompt(history), history],
      ["a config with a text", { messages: "Hi" }, said("Hi")],
      ["a config with a message", { messages: user("Hi") }, said("Hi")],
      ["a config with messages", { messages: history }, history],
      ["a config with a prompt", { messages: prompt`Hi` }, said("Hi")],
    ])("%s is sent as messages", async (_, value, messages) => {
      await call(wire.reference, wire.access)(() => value)();
      const [a, b] = [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ];
      const cached = { ...b, cache_control: { type: "ephemeral" } };
      expect(wire.body.messages).toEqual(messages ?? said([a, wire.provider === "openai" ? b : cached]));
    });

    test.each<readonly [string, unknown, string, string]>([
      ["a mix of strings and messages", ["a", user("b")], "ConfigurationError", "mixes messages"],
      ["a list with something else", ["a", 5], "ConfigurationError", "no text, part or message"],
      ["a message of an unknown role", { role: "developer", content: "a" }, "ConfigurationError", '"role"'],
      ["a message whose content is a number", { role: "user", content: 5 }, "ConfigurationError", '"role"'],
      ["null", null, "ConfigurationError", "null"],
      ["a number", 5, "ConfigurationError", "number"],
      ["nothing, without a template", undefined, "TemplateError", "no template"],
      ["an empty config, without a template", {}, "TemplateError", "no template"],
      ["an empty list", [], "TemplateError", "empty"],
      ["a config with an empty history", { messages: [] }, "TemplateError", "empty"],
    ])("%s is an error that says so, and nothing is sent", async (_, value, name, says) => {
      const error = await errorOf(call(wire.reference, wire.access)(() => value as PromptValue)());
      expect(error).toMatchObject({ name, message: expect.stringContaining(says) });
      expect(wire.server.connections).toBe(0);
    });

    test("all sections empty is an error that says so, and nothing is sent", async () => {
      const ask = call(wire.reference, wire.access)(template("SYSTEM: {a}\nUSER: {b}"));
      const error = await errorOf(ask({ a: null, b: "" }));
      expect(error).toMatchObject({ name: "TemplateError", message: expect.stringContaining("empty") });
      expect(wire.server.connections).toBe(0);
    });

    test("the response of another call stands for its content, but is no prompt", async () => {
      const ask = call(wire.reference, wire.access);
      const first = await ask(() => "Hi")();
      await ask(() => prompt`You said: ${first}`)();
      expect(wire.body.messages).toEqual(said("You said: Hello from the wire server."));
      expect(await errorOf(ask(() => first as never)())).toMatchObject({ name: "ConfigurationError" });
    });
  });

  test("what a template lacks is told by name, and nothing is sent", async () => {
    const errors = await Promise.all(
      [
        template("{genre}")({}),
        template("{a.b.c}")({ a: { b: null } }),
        template("{x.__proto__.y}")({ x: {} }),
        template("{x.constructor}")({ x: {} }),
        template("MESSAGES: {h}")({ h: "Hi" }),
        template("{genre}")("fantasy"),
      ].map((made) => errorOf(call(wire.reference, wire.access)(() => made)())),
    );
    expect(errors.map(({ name, variable }) => [name, variable])).toEqual(
      ["genre", "a.b.c", "x.__proto__.y", "x.constructor", "h", "genre"].map((each) => ["TemplateError", each]),
    );
    expect(errors[5].message).toContain("a template takes one object argument");
    expect(wire.server.connections).toBe(0);
  });
});
