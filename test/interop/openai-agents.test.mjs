import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import { apiKey, errorOf, onceThenSilence, startServe } from "./serving.mjs";

describe("@openai/agents, asking by chat completions, as a client of callwright serve", () => {
  let served;
  const agentOf = (name, options = {}, key = apiKey) =>
    new Agent({
      name: "Librarian",
      instructions: "Be brief.",
      // Its default asks the Responses API, which serve does not speak.
      model: new OpenAIChatCompletionsModel(new OpenAI({ baseURL: served.baseURL, apiKey: key, maxRetries: 0 }), name),
      ...options,
    });

  before(async () => {
    setTracingDisabled(true);
    served = await startServe();
  });
  after(() => served.close());

  test("gets text and a stream", async () => {
    served.wire.reply({ text: ["Mo", "mo"] });
    for (const name of ["mini", "answer", "told"]) {
      assert.equal((await run(agentOf(name), "A book?")).finalOutput, "Momo");
      const streamed = await run(agentOf(name), "A book?", { stream: true });
      let text = "";
      for await (const piece of streamed.toTextStream()) text += piece;
      assert.equal(text, "Momo");
    }
  });

  test("runs its own tools with a served model", async () => {
    const findBook = tool({
      name: "find_book",
      description: "Finds a book",
      parameters: z.object({ title: z.string() }),
      execute: async ({ title }) => `${title}: shelf E`,
    });
    for (const stream of [false, true]) {
      served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
      const result = await run(agentOf("mini", { tools: [findBook] }), "Where is Momo?", { stream });
      if (stream) await result.completed;
      assert.equal(result.finalOutput, "On shelf E.");
      assert.ok(JSON.stringify(served.sent.messages).includes("Momo: shelf E"));
    }
  });

  test("sees the answer of a served agent, whose tools are run there", async () => {
    served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
    assert.equal((await run(agentOf("agent"), "Where is Momo?")).finalOutput, "On shelf E.");
  });

  test("gets structured output, of a served model and of a call with a responseModel", async () => {
    const momo = { title: "Momo", year: 1973 };
    served.wire.reply({ text: JSON.stringify(momo) });
    const outputType = z.object({ title: z.string(), year: z.number() });
    for (const name of ["mini", "extract"])
      assert.deepEqual((await run(agentOf(name, { outputType }), "A book?")).finalOutput, momo);
  });

  test("gets errors with their status and words", async () => {
    for (const [name, key, reply, status, words] of [
      ["mini", "other", {}, 401, /The key is not valid/],
      ["nobody", apiKey, {}, 404, /does not exist/],
      ["mini", apiKey, { status: 429, headers: { "retry-after": "120" } }, 429, /asked too often/],
      ["mini", apiKey, { status: 500, headers: { "x-should-retry": "false" } }, 502, /The provider failed/],
    ]) {
      served.wire.reply(reply);
      const error = await errorOf(run(agentOf(name, {}, key), "Hi"));
      assert.equal(error.status, status);
      assert.match(error.message, words);
    }
  });

  test("ends the work when it leaves", async () => {
    served.wire.reply({ text: onceThenSilence() });
    const seen = served.wire.requests.length;
    const controller = new AbortController();
    const streamed = await run(agentOf("told"), "Hi", { stream: true, signal: controller.signal });
    streamed.completed.catch(() => {});
    for await (const _ of streamed.toTextStream()) break;
    controller.abort();
    const asked = await served.wire.arrived(seen + 1);
    await asked.closed;
    assert.equal(asked.aborted, true);
  });
});
