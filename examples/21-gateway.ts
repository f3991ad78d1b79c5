// OpenAI's wire shape in and out, for any provider; and a provider of your own.
import { completion, registerProvider } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: ["Once ", "more."] });

const messages = [{ role: "user", content: "Say something." }];
const answer = await completion({ model: "anthropic/claude-haiku-4-5", messages, ...server.anthropic });
console.log(answer.choices[0]?.message.content, answer.usage?.total_tokens);

// A server that speaks OpenAI's format becomes a provider by its address, and by what it does differently.
registerProvider("library", { baseURL: server.openai.baseURL, quirks: { fields: { seed: false } } });
const chunks = await completion({ model: "library/shelf-1", messages, stream: true });
for await (const { choices } of chunks) if (choices[0]?.delta.content) console.log(choices[0].delta.content);
console.log(server.requests[1]?.body.model);
