// Methods and functions as tools, and the way of their results back to the model.
import { call, type Message, tool, toolsOf, user } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();

class Shelf {
  #titles = ["Momo", "The Neverending Story"];

  @tool({ description: "Searches the shelf", input: z.object({ query: z.string() }) })
  async search({ query }: { query: string }): Promise<string[]> {
    return this.#titles.filter((title) => title.includes(query));
  }
}

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => ({ city, celsius: 21 }),
);

const ask = call("openai/gpt-4o-mini", { ...server.openai, tools: [...toolsOf(new Shelf()), weather] })(
  (messages: readonly Message[]) => messages,
);

const searched = { name: "search", args: { query: "Momo" } };
const looked = { name: "get_weather", args: { city: "Rome" } };
server.reply({ toolCalls: [searched, looked] }, { text: "You have Momo, and Rome has 21 degrees." });

// All calls of an answer run at the same time; a tool that fails gives an error result for the model to read.
const first = await ask([user("Do I have Momo? And how warm is Rome?")]);
const second = await ask([...first.messages, ...(await first.runTools())]);
for (const { role, content } of server.requests[1]!.body.messages) console.log(role, content);
console.log(second.content);
