// Simulated users talk to an agent, and checks say whether it did well.
import { call, type Message } from "callwright";
import { connect, defineAgent, local } from "callwright/connect";
import { script, wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply(({ body }) => {
  const said = body.messages.at(-1).content;
  return { text: said.includes("child") ? "Momo, by Michael Ende." : "Which book do you mean?" };
});

// A call that takes the messages of a conversation is an agent as it stands.
const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
const agent = defineAgent(answer);

const backend = local({
  scenarios: [
    { id: "recommend", turns: ["Hello!", { say: "A book for a child?", checks: [{ contains: "Momo" }] }] },
    // Here a model plays the user, until it says that it has what it wants.
    { id: "return", persona: { name: "Hurried" }, user: { goal: "Return a book" }, checks: [{ contains: "receipt" }] },
  ],
  user: script(["I want to return it.", "[DONE]"]),
  onResult({ id, outcome, turns, checks }) {
    console.log(id, outcome, `${turns.length} turns`);
    for (const { check, passed, reason } of checks) if (!passed) console.log(`  ${check}: ${reason}`);
  },
});

const { delivered, failed } = await connect(agent, { backend, concurrency: 1 });
console.log(`${delivered} answers, ${failed} without; ${backend.summary.agent.inputTokens} tokens in`);
