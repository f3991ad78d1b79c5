// Calls as an OpenAI-compatible endpoint, in a Hono app, asked by the official client.
import { once } from "node:events";
import { createServer } from "node:http";
import { call, type Message, model, system } from "callwright";
import { wireServer } from "callwright/testing";
import { handler, toNodeListener, toResponse } from "callwright/web";
import { Hono } from "hono";
import OpenAI from "openai";

await using provider = await wireServer();
provider.reply({ text: ["Momo, ", "of course."], usage: { input: 9, output: 4 } });
const mini = model("anthropic/claude-haiku-4-5", provider.anthropic);

const recommend = call(mini)((messages: Message[]) => [system("You are a librarian."), ...messages]);
const endpoint = handler(
  { librarian: (messages) => recommend(messages), mini },
  { apiKey: "secret", onError: console.error },
);

const app = new Hono();
app.all("/v1/*", (context) => endpoint(context.req.raw));
app.get("/story", () => toResponse(mini.stream("Tell a story.")));

// Hono runs on Bun, Deno and workers as it is; this is what Node needs.
const server = createServer(toNodeListener(async (request) => app.fetch(request)));
await once(server.listen(0, "127.0.0.1"), "listening");
const address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: "secret", maxRetries: 0 });
for await (const { id } of openai.models.list()) console.log(id);

const messages = [{ role: "user" as const, content: "A book?" }];
const answer = await openai.chat.completions.create({ model: "librarian", messages });
console.log(answer.choices[0]?.message.content, answer.usage?.total_tokens);

const chunks = await openai.chat.completions.create({ model: "mini", messages, stream: true });
for await (const { choices } of chunks) if (choices[0]?.delta.content) console.log(choices[0].delta.content);

await openai.chat.completions.create({ model: "nobody", messages }).catch(({ message }) => console.log(message));
console.log((await (await fetch(`${address}/story`)).text()).split("\n")[1]);
server.close();
