// A conversation that remembers. A turn enters the history whole, with its tool calls, or not at all.
import { model, Session, tool } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();
const mini = model("openai/gpt-4o-mini", server.openai);

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `21 degrees in ${city}`,
);

const session = new Session({ model: mini, system: "Be brief.", tools: [weather] });

server.reply(
  { toolCalls: [{ name: "get_weather", args: { city: "Rome" } }] },
  { text: "It is warm." },
  { text: ["As I ", "said."] },
  { status: 400 },
  { text: "Still warm." },
);
console.log((await session.send("How warm is Rome?")).content);

for await (const [chunk] of session.stream("Sure?")) if (chunk.content) console.log(chunk.content);
console.log(session.history.map(({ role }) => role).join(", "));

// A turn that failed is forgotten.
await session.send("Hm?").catch((error) => console.log(error.code, session.history.length));

// It can be saved, and go on elsewhere.
const saved = JSON.stringify(session);
const later = Session.fromJSON(JSON.parse(saved), { model: mini });
console.log((await later.send("And now?")).messages.length);
