import { cachePoint, image, type Prompt, prompt, Session, system, text, user } from "callwright";
import { expect, test } from "vitest";
import { isMadePart } from "../src/content.js";
import { isMadeMessage } from "../src/message.js";
import { ownThroughout } from "../src/own.js";

const messagesOf = (made: unknown) => (made as Prompt).messages;

test("the mark of a part and of a message does not show: not in keys, JSON or comparisons", () => {
  expect(text("a")).toEqual({ type: "text", text: "a" });
  expect(Reflect.ownKeys(user("a")).filter((key) => typeof key === "string")).toEqual(["role", "content"]);
  expect(Object.keys(user("a"))).toEqual(["role", "content"]);
  expect(JSON.stringify([user("a"), cachePoint()])).toBe('[{"role":"user","content":"a"},{"type":"cache-point"}]');
});

test("a copy has no mark: spread, cloned, or saved as JSON", () => {
  for (const copy of [{ ...text("a") }, structuredClone(text("a")), JSON.parse(JSON.stringify(text("a")))])
    expect(isMadePart(copy)).toBe(false);
  for (const copy of [{ ...user("a") }, structuredClone(user("a")), JSON.parse(JSON.stringify(user("a")))])
    expect(isMadeMessage(copy)).toBe(false);
});

test("no key of JSON is taken for the mark", () => {
  const forged = JSON.parse(
    '{"type":"cache-point","callwright.part":true,"Symbol(callwright.part)":true,"@@callwright.part":true}',
  );
  expect(messagesOf(prompt`${forged}`)).toEqual([user(JSON.stringify(forged))]);
});

test("a mark survives the copy that is made where Object.prototype is polluted", () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>;
  prototype.evil = 1;
  try {
    const copy = ownThroughout({ messages: [user(image("https://x.test/a.png"))] });
    expect(copy.messages[0]).not.toHaveProperty("evil");
    expect(isMadeMessage(copy.messages[0])).toBe(true);
    expect(isMadePart(copy.messages[0]?.content[0])).toBe(true);
  } finally {
    delete prototype.evil;
  }
});

test("the history of a session is made of messages, also those that were added as data or saved", () => {
  const options = { model: "openai/gpt-4o-mini", system: "Be brief." } as const;
  const session = new Session(options);
  session.add({ role: "user", content: "Hi" });
  const saved = Session.fromJSON(JSON.parse(JSON.stringify(session)), options);
  for (const { history } of [session, saved])
    expect(messagesOf(prompt`MESSAGES: ${history}`)).toEqual([system("Be brief."), user("Hi")]);
});

test("a session that is given text says JSON.parse", () => {
  const options = { model: "openai/gpt-4o-mini" } as const;
  const saved = JSON.stringify(new Session(options));
  expect(() => Session.fromJSON(saved, options)).toThrow(/JSON\.parse/);
});

test("a reference to a provider that is not known says registerProvider", async () => {
  const { call } = await import("callwright");
  expect(() => call("kimi/k2" as "openai/x")).toThrow(/No provider "kimi".*registerProvider/);
});
