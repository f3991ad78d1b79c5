// Asks in every way there is, in a process where somebody wrote to prototypes before callwright was there. What it asks
// for is read by the server; what it gets is printed. Arguments: the provider's access, and what to write.
import type { Access, Message } from "callwright";

const [, , reference, access, polluted] = process.argv as unknown as [string, string, string, string, string];
for (const [name, value] of Object.entries(JSON.parse(polluted))) {
  Reflect.set(Object.prototype, name, value === "a function" ? () => process.exit(9) : value);
}

const { budget, cache, call, circuitBreaker, completion, image, model, override, parallel, prompt } = await import(
  "callwright"
);
const { rateLimit, retry, Session, system, timeout, tool, user } = await import("callwright");
const at: Access = JSON.parse(access);
const name = reference as "openai/gpt-4o-mini";

// zod itself does not bear a polluted prototype.
const schemaOf = (properties: object) => ({
  "~standard": {
    version: 1 as const,
    vendor: "by-hand",
    validate: (value: any) => ({ value: { ...value } }),
    jsonSchema: { input: () => ({ type: "object", properties }), output: () => ({ type: "object", properties }) },
  },
});
const look = tool({ name: "look", description: "Looks.", input: schemaOf({ at: { type: "string" } }) })(
  (args: any) => `saw ${args.at}`,
);
const seen: unknown[] = [];

const plain = call(name, at)(() => prompt`Hi`);
const { content, reasoning, refusal, finishReason, toolCalls, usage, warnings, cost } = await plain();
seen.push({ content, reasoning, refusal, finishReason, toolCalls, usage, warnings, cost });

const picture = () => [user(["Look", image("https://x.test/a.png")])];
const stream = await call(name, { ...at, stream: true })(picture)();
for await (const [chunk, called] of stream) seen.push([chunk.content, called]);
seen.push(stream.usage, stream.finishReason);

const looked = await call(name, { ...at, tools: [look], maxSteps: 3 })(() => "Use it")();
seen.push(looked.content, looked.steps.length, looked.messages);
const looking = await call(name, { ...at, tools: [look], stream: true })(() => "Use it")();
for await (const [chunk, called] of looking) seen.push([chunk.content, called?.toolCall, called?.args]);

const use = [retry(), timeout({}), rateLimit({ concurrency: 9 }), circuitBreaker(), cache(), budget({ tokens: 1e6 })];
const held = model(name, { ...at, use });
seen.push((await held.complete("Hi", { temperature: 0 })).content);
const config = () => ({ messages: [system("S"), user("U")] satisfies Message[], params: { topP: 0.5 } });
seen.push((await call(name, at)(config)()).content);
seen.push((await override({ maxTokens: 12 }, plain)).content);

const session = new Session({ model: model(name, at), system: "Be brief" });
await session.send("One");
const restored = Session.fromJSON(JSON.parse(JSON.stringify(session)), { model: held });
await restored.send("Two", { topP: 0.25 });
seen.push(restored.history, await parallel([1, 2], async (item) => item));

seen.push(await call(name, { ...at, responseModel: schemaOf({ a: { type: "string" } }) })(() => "A value")());
seen.push((await completion({ model: name, messages: [{ role: "user", content: "Hi" }], ...at })).choices);
const failing = call(name, { ...at, use: [retry({ delayMs: () => 0 })] })(() => "Fail");
seen.push(await failing().catch((error) => [error.name, error.message]));

console.log(JSON.stringify(seen));
