// Limits that calls share: how many run, how many begin in a minute, and what they may cost.
import { BudgetExceededError, budget, call, parallel, rateLimit } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: "A book.", delayMs: 20 });

// One limit around several calls is one limit. Whoever is too early waits: first come, first served.
const limit = rateLimit({ concurrency: 2, requestsPerMinute: 500 });
const recommend = call("openai/gpt-4o-mini", { ...server.openai, use: [limit] })((genre: string) => `A ${genre} book?`);
const summarise = call("anthropic/claude-haiku-4-5", { ...server.anthropic, use: [limit] })((title: string) => title);
await parallel(["crime", "poetry", "travel", "cooking"], recommend);
await summarise("Momo");
console.log(`${server.requests.length} requests, ${server.peakInFlight} at the same time`);

// Whose turn would come after his deadline is told so at once.
const rare = { ...server.openai, use: [rateLimit({ requestsPerMinute: 2 })], timeouts: { totalMs: 5000 } };
const ask = call("openai/gpt-4o-mini", rare)((question: string) => question);
const answers = await parallel(["Why?", "Who?", "When?"], (question) => ask(question), { settle: true });
console.log(answers.map((answer) => (answer.ok ? "answered" : (answer.error as Error).name)).join(", "));

// A budget refuses, before it is sent, a call that could exceed it.
const purse = budget({ tokens: 100 });
const write = call("openai/gpt-4o-mini", { ...server.openai, use: [purse], maxTokens: 50 })((topic: string) => topic);
try {
  for (const topic of ["Lamps", "Lighthouses", "Lightning", "Light"]) await write(topic);
} catch (error) {
  if (!(error instanceof BudgetExceededError)) throw error;
  console.log(`${purse.spent.tokens} tokens, then: ${error.message.split(".")[0]}`);
}
