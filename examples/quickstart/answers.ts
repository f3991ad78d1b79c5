import type { WireReply, WireRequest } from "callwright/testing";

/** What the local server says to the prompts of the tour. */
export function answer({ body }: WireRequest): WireReply {
  if (body.model === "no-such-model") {
    return { status: 404, text: "The model `no-such-model` does not exist or you do not have access to it." };
  }
  const prompt: string = body.messages.at(-1).content;
  return answers.find(([asked]) => prompt.includes(asked))?.[1] ?? { text: "(Nothing was written for this prompt.)" };
}

// A pause, so that one sees which calls run at the same time.
const delayMs = 300;

const description =
  "A gifted boy grows up to be a legend, and then tells how little of it was true. It is a book about music, names and debts.";

const answers: readonly (readonly [asked: string, reply: WireReply])[] = [
  ["one fantasy book", { text: "The Name of the Wind, by Patrick Rothfuss", usage: { input: 20, output: 11 } }],
  ["one crime book", { text: "The Big Sleep, by Raymond Chandler", delayMs }],
  ["one poetry book", { text: "Leaves of Grass, by Walt Whitman", delayMs }],
  ["one history book", { text: "The Guns of August, by Barbara Tuchman", delayMs }],
  ["one travel book", { text: "In Patagonia, by Bruce Chatwin", delayMs }],
  ["Describe The Name of the Wind", { text: description.split(/(?= )/), gapMs: 40, usage: { input: 35, output: 34 } }],
  ["Where is Momo", { toolCalls: [{ name: "FindBook", args: { title: "Momo", author: "Michael Ende" } }] }],
  ["I could not put it down", { text: "Positive" }],
];
