// Tools may run by themselves: with maxSteps the call asks again until the model has its answer.
import { anthropic, prompt, ToolLoopError, tool } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => `21 degrees in ${city}`,
);
const asked = { toolCalls: [{ name: "get_weather", args: { city: "Rome" } }] };
const ask = (maxSteps: number) =>
  anthropic.call("claude-haiku-4-5", { ...server.anthropic, tools: [weather], maxSteps })(
    (question: string) => prompt`${question}`,
  );

server.reply(asked, { text: "It is warm." });
const answer = await ask(5)("How warm is Rome?");
console.log(answer.content, `after ${answer.steps.length} steps`);

// The limit is an error, which holds the whole conversation.
server.reply(asked);
try {
  await ask(2)("How warm is Rome?");
} catch (error) {
  if (!(error instanceof ToolLoopError)) throw error;
  console.log(error.transcript.map(({ role }) => role).join(", "));
}

// Step by step, with a look in between: resume() runs the tools and sends their results.
server.reply(asked, { text: "It is still warm." });
const first = await ask(1)("And now?");
console.log(first.tool?.args);
console.log((await first.resume()).content);
