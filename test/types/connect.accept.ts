// Agents, and where their tests come from, in both decorator modes.
import { type CallResponse, call, type Message, model, openai, prompt, Session, type ToolLike } from "callwright";
import {
  type Agent,
  AgentReplyError,
  type ConnectEvent,
  type ConversationResult,
  connect,
  defineAgent,
  type Judge,
  judgeBy,
  type LocalBackend,
  loadScenarios,
  local,
  MissingConversationError,
  type Scenario,
  ScenarioError,
  type SimBackend,
  type SimReply,
  type SimRequest,
  simRequest,
  snowglobe,
} from "callwright/connect";
import { z } from "zod";
import { getWeather } from "./tools.accept.js";

class Librarian {
  @openai.call("gpt-4o-mini")
  async answer(messages: readonly Message[]): Promise<CallResponse> {
    return prompt`MESSAGES: ${messages}`;
  }
}
const lib = new Librarian();
const mini = model("openai/gpt-4o-mini");
const streamed = call(mini, { stream: true })((messages: readonly Message[]) => ({ messages }));

export const agents: readonly Agent[] = [
  defineAgent((messages) => lib.answer(messages)),
  defineAgent((messages) => streamed(messages)),
  defineAgent(() => "Fine."),
  defineAgent({ completion: () => ({ response: "Fine." }) }),
  defineAgent({
    async completion(request, { signal }) {
      signal satisfies AbortSignal;
      request.conversationId satisfies string;
      const { content } = await mini.chat(request.toMessages({ system: "Be brief." }), { signal });
      return { response: content };
    },
    tools: [getWeather],
  }),
];
agents[0]?.tools satisfies readonly ToolLike[] | undefined;

const sessions = new Map<string, Session>();
export class Shop implements Agent {
  readonly tools = [getWeather];
  async completion({ conversationId, prompt: said }: SimRequest): Promise<SimReply> {
    const session = sessions.get(conversationId) ?? new Session({ model: mini });
    return { response: (await session.send(said)).content };
  }
}

/** A backend need not look at what an answer took. */
export class Queue implements SimBackend {
  readonly answers = new Map<string, string>();
  async pending(signal: AbortSignal): Promise<readonly SimRequest[]> {
    return signal.aborted ? [] : [simRequest({ messages: [], testId: "1", conversationId: "a" })];
  }
  async deliver(request: SimRequest, reply: SimReply): Promise<void> {
    this.answers.set(request.testId, reply.response);
  }
  async fail(_request: SimRequest, _error: unknown): Promise<void> {}
  async close(): Promise<void> {}
}

const judge: Judge = ({ turns }, criterion) => ({ passed: turns.length > 0, reason: criterion });
const scenarios: readonly Scenario[] = [
  {
    id: "greeting",
    persona: { name: "Momo" },
    turns: ["Hi", { say: "A book?", checks: [{ contains: "Momo" }, { matches: /by \w+/ }] }],
    checks: [
      { judge: "It is polite." },
      { judge: judgeBy("openai/gpt-4o-mini") },
      { schema: z.object({ n: z.number() }) },
    ],
  },
  { id: "played", user: { goal: "Find a book", maxTurns: 3 } },
];
const results: ConversationResult[] = [];
const backend: LocalBackend = local({ scenarios, user: mini, judge, onResult: (result) => void results.push(result) });

/** A backend around another hands on what it takes. */
export const loud: SimBackend = {
  pending: (signal) => backend.pending(signal),
  deliver: (request, reply) => backend.deliver(request, { response: reply.response.toUpperCase() }),
  fail: (request, error) => backend.fail(request, error),
  close: () => backend.close(),
};

export async function run(events: ConnectEvent[]): Promise<number> {
  const agent = defineAgent((messages) => lib.answer(messages));
  await connect(agent, { backend: new Queue(), signal: AbortSignal.timeout(1000) });
  await connect(new Shop(), { backend: local({ scenarios: await loadScenarios("scenarios.yaml") }), concurrency: 2 });
  await connect(agent, { backend: snowglobe({ appId: "shop" }), onEvent: (event) => void events.push(event) });
  const { delivered, failed } = await connect(agent, { backend });
  backend.summary.agent.costUsd satisfies number | undefined;
  return delivered - failed + results.length;
}

export const explain = (error: unknown): string | number | undefined => {
  if (error instanceof MissingConversationError) return error.testId;
  if (error instanceof ScenarioError) return error.line;
  return error instanceof AgentReplyError ? error.message : undefined;
};
