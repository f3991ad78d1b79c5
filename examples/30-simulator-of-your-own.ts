// A backend tells which conversations wait for an answer, and takes it; sessions remember the conversations.
import { model, Session, user } from "callwright";
import { connect, defineAgent, MissingConversationError, type SimBackend, simRequest } from "callwright/connect";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: "I am fine." });
const mini = model("openai/gpt-4o-mini", server.openai);

const sessions = new Map<string, Session>();
const agent = defineAgent({
  async completion({ conversationId, prompt }) {
    const session = sessions.get(conversationId) ?? new Session({ model: mini });
    sessions.set(conversationId, session);
    return { response: (await session.send(prompt)).content };
  },
});

const messages = [user("How are you?")];
const outcomes = new Map<string, string>();
const backend: SimBackend = {
  // Listed again and again, each is run once. The second is of no conversation.
  pending: async () => [
    simRequest({ messages, testId: "first", conversationId: "a" }),
    simRequest({ messages, testId: "second" }),
  ],
  deliver: async ({ testId }, { response }) => void outcomes.set(testId, response),
  fail: async ({ testId }, error) =>
    void outcomes.set(testId, error instanceof MissingConversationError ? "of no conversation" : "failed"),
  // Without it, the signal says when to end.
  get exhausted() {
    return outcomes.size === 2;
  },
  close: async () => console.log("closed"),
};

console.log(await connect(agent, { backend, pollMs: 10 }));
console.log(outcomes.get("first"), outcomes.get("second"));
