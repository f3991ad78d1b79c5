import { expect, test } from "vitest";
import { assistant, type Message, messagesKey, system, user } from "../../src/message.js";
import { render, tag, templateError } from "./rendering.js";

const history = [user("1"), assistant("2")];
const prompt = { [messagesKey]: history };

test("a MESSAGES section splices the history between its neighbours", () => {
  const expected = [system("s"), ...history, user("u")];
  expect(render("SYSTEM: s\nMESSAGES: {history}\nUSER: u", { history })).toEqual(expected);
  expect(tag`
    SYSTEM: s
    MESSAGES: ${history}
    USER: u`).toEqual(expected);
});

test("messages are spliced as the objects they are, and the list stays the caller's", () => {
  const frozen = Object.freeze([...history]);
  const messages = render("MESSAGES: {frozen}\nUSER: u", { frozen });
  expect(messages[0]).toBe(history[0]);
  expect(messages).not.toBe(frozen);
});

test("two sections, and two lists in one section, are spliced in order", () => {
  const template = "MESSAGES: {a}\nUSER: u\nMESSAGES:\n  {b}\n  {a}";
  expect(render(template, { a: history, b: [user("3")] })).toEqual([...history, user("u"), user("3"), ...history]);
});

test("an empty history is nothing", () => {
  expect(render("SYSTEM: s\nMESSAGES: {h}\nUSER: u", { h: [] })).toEqual([system("s"), user("u")]);
  expect(render("SYSTEM: s\nMESSAGES:\nUSER: u")).toEqual([system("s"), user("u")]);
});

test("{self.history} is read from the instance", () => {
  expect(render("MESSAGES: {self.history}", undefined, { history })).toEqual(history);
});

test("a prompt is spliced in a MESSAGES section of either door, a single message in that of the tag", () => {
  expect(render("MESSAGES: {p}", { p: prompt })).toEqual(history);
  expect(tag`MESSAGES: ${prompt} ${user("3")}`).toEqual([...history, user("3")]);
});

const wrong: readonly (readonly [kind: string, value: unknown, says: string])[] = [
  ["null", null, "not null"],
  ["undefined", undefined, "not undefined"],
  ["a string", "hi", "not a string"],
  ["one message", user("a"), "not an object"],
  ["a list with text", [user("a"), "b"], "ndex 1"],
  ["a list with another role", [{ role: "developer", content: "a" }], "ndex 0"],
  ["a list with a gap", Object.assign([], { 1: user("a") }), "ndex 0"],
  ["a message with wrong content", [{ role: "user", content: 5 }], "ndex 0"],
  [
    "a list that cannot be read",
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("sealed");
          },
        },
      ),
    ],
    "sealed",
  ],
];

test.each(wrong)("a history that is %s is an error that names the variable", (...[, value, says]) => {
  const error = templateError(() => render("MESSAGES: {history}", { history: value }));
  expect(error.variable).toBe("history");
  expect(error.message).toContain(says);
});

test("in the tag the error says which value", () => {
  expect(
    templateError(
      () => tag`SYSTEM: ${1}
    MESSAGES: ${null}`,
    ).message,
  ).toContain("Value 2 of the prompt must be a list of messages");
});

test.each<readonly [string, unknown]>([
  ["a prompt", prompt],
  ["a list of messages", history],
])("%s that is the whole body is the messages", (...[, value]) => {
  expect(tag`${value}`).toEqual(history);
  expect(tag`
    ${value}
  `).toEqual(history);
  expect(render("{x}", { x: value })).toEqual(history);
});

test("a message that is the whole body is that message", () => {
  const message: Message = user("a");
  expect(tag`${message}`).toEqual([message]);
});

test("a list of messages with something else in it is no body", () => {
  expect(templateError(() => tag`${[...history, "and"]}`).message).toContain("Index 2 of value 1 of the prompt");
});

test("a prompt beside text or under a role is an error", () => {
  expect(templateError(() => tag`a ${prompt}`).message).toContain("MESSAGES: section");
  expect(templateError(() => tag`USER: ${prompt}`).message).toContain("MESSAGES: section");
});
