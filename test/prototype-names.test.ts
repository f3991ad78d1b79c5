import { BadRequestError, call, completion, ProviderError, Session, UnsupportedProviderError } from "callwright";
import { type WireReply, wireServer } from "callwright/testing";
import { expect, test } from "vitest";
import { errorOf } from "./calls/wires.js";

/** Members of every object: a map that is an object literal finds them all. */
const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "__defineGetter__"];
const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

const replies = (name: string): readonly (readonly [WireReply, new (...args: never[]) => Error])[] => [
  [{ status: 400, json: { error: { type: name, code: name, message: "No." } } }, BadRequestError],
  [{ status: 200, json: { error: { type: name, code: name, status: name, message: "No." } } }, ProviderError],
  [{ status: 400, json: { type: name, error: name } }, BadRequestError],
  [
    { status: 400, json: { error: { type: "x", message: "No." } }, headers: { [name]: "1", "x-should-retry": name } },
    BadRequestError,
  ],
];

test.each(Object.entries(references))(
  "an error of %s whose type, code or header has the name of a prototype's member is the class of its status",
  async (provider, reference) => {
    await using server = await wireServer({ strict: false });
    const ask = call(reference, server[provider as "openai"])(() => "Hi");
    for (const name of names)
      for (const [reply, kind] of replies(name)) {
        server.reply(reply);
        const error = await errorOf(ask());
        expect(error, `${name} ${JSON.stringify(reply)}`).toBeInstanceOf(kind);
        expect([typeof error.message, typeof (error.type ?? "")]).toEqual(["string", "string"]);
      }
  },
);

test("a finish reason, a part and a role with such a name are unknown ones", async () => {
  await using server = await wireServer({ strict: false });
  const ask = call(references.openai, server.openai)(() => "Hi");
  for (const name of names) {
    server.reply({ text: "Hello.", finishReason: name as never });
    expect(await ask(), name).toMatchObject({ content: "Hello.", finishReason: "unknown" });
    for (const message of [
      { role: name, content: "Hi" },
      { role: "user", content: [{ type: name }] },
    ])
      expect(
        await errorOf(completion({ model: references.openai, messages: [message as never], ...server.openai })),
        name,
      ).toMatchObject({ code: "configuration" });
  }
});

test("a provider with such a name is not known", () => {
  for (const name of names) expect(() => call(`${name}/m` as never)).toThrow(UnsupportedProviderError);
});

/** What no text can be made of: `String()` throws a TypeError without a word about where it came from. */
const textless = JSON.parse('{ "toString": 1, "valueOf": 1 }');

test("an object that has no text form is an error with a name wherever a text or a number belongs", async () => {
  await using server = await wireServer({ strict: false });
  const given = { model: references.openai, messages: [{ role: "user", content: "Hi" }], ...server.openai };
  const wrong: (() => unknown)[] = [
    ...[
      { model: textless },
      { messages: [{ role: textless, content: "Hi" }] },
      { messages: [{ role: "user", content: textless }] },
      { messages: [{ role: "user", content: [{ type: textless }] }] },
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: textless } }] }] },
      { temperature: textless },
      { max_tokens: textless },
      { tool_choice: textless },
      { tools: [{ type: "function", function: { name: textless } }] },
    ].map((changes) => () => completion({ ...given, ...(changes as object) } as never)),
    () => Session.fromJSON({ version: textless, messages: [] }, { model: references.openai }),
    () => Session.fromJSON({ version: 1, messages: [{ role: textless, content: "Hi" }] }, { model: references.openai }),
    () => new Session({ model: references.openai, maxSteps: textless }),
    () => call(references.openai, { temperature: textless }),
  ];
  for (const [index, run] of wrong.entries())
    await expect((async () => run())(), `number ${index}`).rejects.toMatchObject({ code: "configuration" });
  expect(server.requests).toEqual([]);
});
