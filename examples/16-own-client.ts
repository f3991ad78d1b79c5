// A client of your own, with its own settings: also AzureOpenAI, or AnthropicBedrock.
import { call } from "callwright";
import { wireServer } from "callwright/testing";
import { OpenAI } from "openai";

await using server = await wireServer();

const client = new OpenAI({ ...server.openai, defaultHeaders: { "x-team": "library" } });

const ask = call("openai/gpt-4o-mini", { client })((question: string) => question);
console.log((await ask("Are you there?")).content);
console.log(server.requests[0]?.headers["x-team"]);

// For one call only, it comes with the prompt.
const forTeam = call(
  "openai/gpt-4o-mini",
  server.openai,
)((question: string, team: string) => ({
  messages: question,
  client: new OpenAI({ ...server.openai, defaultHeaders: { "x-team": team } }),
}));
await forTeam("Are you there, too?", "archive");
console.log(server.requests[1]?.headers["x-team"]);
