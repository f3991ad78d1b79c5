// Uses callwright/testing and callwright/connect in every way there is, in a process where somebody wrote to prototypes
// before they were there. What they do is printed. Arguments: the names to write, and what to write under each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

const folder = mkdtempSync(`${tmpdir()}/polluted-`);
const [, , names, value] = process.argv as unknown as [string, string, string, string];
const hostile = value === "a function" ? () => process.exit(9) : JSON.parse(value);
for (const name of JSON.parse(names)) {
  Object.defineProperty(Object.prototype, name, {
    value: hostile,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

const { call, tool, user } = await import("callwright");
const { denyNetwork, record, script, testModel, wireServer } = await import("callwright/testing");
const { connect, defineAgent, local, simRequest } = await import("callwright/connect");

const seen: unknown[] = [];
const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "by-hand",
    validate: (given: any) => ({ value: { ...given } }),
    jsonSchema: {
      input: () => ({ type: "object", properties: { at: { type: "string" } }, required: ["at"] }),
      output: () => ({ type: "object", properties: { at: { type: "string" } }, required: ["at"] }),
    },
  },
};
const look = tool({ name: "look", description: "Looks.", input: schema })((given: any) => `saw ${typeof given.at}`);

const looking = call(testModel(), { tools: [look], maxSteps: 3 })(() => "Look");
seen.push((await looking()).content, (await call(script(["Momo"]))(() => "Hi")()).content);

const server = await wireServer();
const cassette = record("polluted", { folder, mode: "once" });
const recorded = call("openai/gpt-4o-mini", { ...server.openai, ...cassette.access });
seen.push((await recorded(() => "Hi")()).content, cassette.replays);
await cassette.close();
seen.push(server.requests.map(({ path, body }) => [path, body]));
await server.close();
denyNetwork().close();

const agent = defineAgent({
  completion: async ({ messages }) => ({ response: `heard ${messages.length}` }),
});
const delivered: unknown[] = [];
const summary = await connect(agent, {
  pollMs: 5,
  backend: {
    pending: async () => [simRequest({ messages: [user("How are you?")], testId: "first", conversationId: "a" })],
    deliver: async ({ testId }, { response }) => void delivered.push(testId, response),
    fail: async (_, error) => void delivered.push(String(error)),
    get exhausted() {
      return delivered.length > 0;
    },
    close: async () => void delivered.push("closed"),
  },
});
seen.push({ ...summary, ms: undefined }, delivered);
const checks = [
  { contains: "heard" },
  { notContains: "it's" },
  { matches: "^heard \\d+$" },
  { schema: { type: "object" } },
];
const scenarios = [
  { id: "a", turns: ["Hi", { say: "Bye", checks }], checks },
  { id: "b", user: { goal: "Talk" }, persona: { name: "Momo" }, checks },
] as any;
const results: any[] = [];
const player = script(["Hi.", "[DONE]"]);
const backend = local({ scenarios, user: player, judge: false, onResult: (result) => void results.push(result) });
await connect(agent, { backend, pollMs: 5 }).catch((error) => seen.push(String(error)));
for (const { id, outcome, turns, checks: whole } of results)
  seen.push([id, outcome, turns.map((turn: any) => [turn.user, turn.agent]), whole]);
seen.push(player.requests.map(({ messages }) => messages));

rmSync(folder, { recursive: true });
console.log(JSON.stringify(seen));
