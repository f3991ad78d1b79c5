export const templateNames = ["basic", "stream", "session"] as const;
export type TemplateName = (typeof templateNames)[number];
export const languages = ["js", "ts"] as const;
export type Language = (typeof languages)[number];

/** What the models of all templates need. */
export const templateKey = "OPENAI_API_KEY";

const intro = `// An agent that simulated users talk to: "callwright connect test" greets it,
// "callwright connect start --scenarios scenarios.yaml" lets them all talk to it.
`;

/** The source of a new agent. */
export function agentSource(template: TemplateName, language: Language): string {
  return `${intro}${sources[template](language === "ts")}`;
}

/** Whether a source is as `agentSource` wrote it. */
export function isTemplate(source: string): boolean {
  const text = source.replaceAll("\r\n", "\n");
  return templateNames.some((template) => languages.some((language) => agentSource(template, language) === text));
}

const sources: Readonly<Record<TemplateName, (typed: boolean) => string>> = {
  basic: (typed) => `import { call${typed ? ", type Message" : ""} } from "callwright";
import { defineAgent } from "callwright/connect";

const answer = call("openai/gpt-4o-mini", { system: "You are a helpful assistant. Be brief." })(
  (messages${typed ? ": readonly Message[]" : ""}) => messages,
);

export default defineAgent(answer);
`,
  stream: (typed) => `import { call${typed ? ", type Message" : ""} } from "callwright";
import { defineAgent } from "callwright/connect";

const answer = call("openai/gpt-4o-mini", { stream: true })((messages${typed ? ": readonly Message[]" : ""}) => messages);

export default defineAgent({
  async completion(request, { signal }) {
    const stream = await answer(request.toMessages({ system: "You are a helpful assistant. Be brief." }));
    let response = "";
    for await (const [chunk] of stream) {
      // Here each piece would go to whoever waits for it; the signal says when nobody does.
      if (!signal.aborted) response += chunk.content;
    }
    return { response };
  },
});
`,
  session: (typed) => `import { model, Session } from "callwright";
import { defineAgent } from "callwright/connect";

const mini = model("openai/gpt-4o-mini");
const sessions = new Map${typed ? "<string, Session>" : ""}();

/** One for each conversation; the oldest goes when there are too many. */
function sessionOf(conversationId${typed ? ": string" : ""}) {
  const session = sessions.get(conversationId) ?? new Session({ model: mini, system: "You are a helpful assistant. Be brief." });
  sessions.set(conversationId, session);
  const [oldest] = sessions.keys();
  if (sessions.size > 1000 && oldest !== undefined) sessions.delete(oldest);
  return session;
}

export default defineAgent({
  async completion({ conversationId, prompt }) {
    const { content } = await sessionOf(conversationId).send(prompt);
    return { response: content };
  },
});
`,
};

export const scenariosSource = `# Who talks to the agent, what they say, and what must hold. See docs/connect.md of callwright.
personas:
  hurried: A commuter with two minutes, who writes in fragments and does not explain.

scenarios:
  - id: remembers-a-name
    turns:
      - Hello! My name is Momo.
      - say: Please say my name, Momo, once more.
        checks:
          - contains: Momo
    checks:
      - notContains: undefined

  - id: needs-help
    persona: hurried
    user:
      goal: Find out what the assistant can help with.
      maxTurns: 4
    checks:
      - judge: The assistant is polite and says what it can help with.
`;
