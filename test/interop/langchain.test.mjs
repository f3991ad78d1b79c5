import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { apiKey, errorOf, onceThenSilence, startServe } from "./serving.mjs";

const Book = z.object({ title: z.string(), year: z.number() });
const momo = { title: "Momo", year: 1973 };

describe("@langchain/openai as a client of callwright serve", () => {
  let served;
  const modelOf = (model, key = apiKey) =>
    new ChatOpenAI({ model, apiKey: key, maxRetries: 0, configuration: { baseURL: served.baseURL } });

  before(async () => {
    served = await startServe();
  });
  after(() => served.close());

  test("gets text and a stream", async () => {
    served.wire.reply({ text: ["Mo", "mo"], usage: { input: 9, output: 4 } });
    for (const name of ["mini", "answer", "told"]) {
      const message = await modelOf(name).invoke("A book?");
      assert.equal(message.content, "Momo");
      assert.equal(message.usage_metadata.input_tokens, 9);
      let text = "";
      for await (const chunk of await modelOf(name).stream("A book?")) text += chunk.content;
      assert.equal(text, "Momo");
    }
  });

  test("runs its own tools with a served model", async () => {
    served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
    const findBook = tool(({ title }) => `${title}: shelf E`, {
      name: "find_book",
      description: "Finds a book",
      schema: z.object({ title: z.string() }),
    });
    const withTools = modelOf("mini").bindTools([findBook]);
    const messages = [new HumanMessage("Where is Momo?")];
    const asked = await withTools.invoke(messages);
    messages.push(asked, await findBook.invoke(asked.tool_calls[0]));
    assert.equal((await withTools.invoke(messages)).content, "On shelf E.");
    assert.ok(JSON.stringify(served.sent.messages).includes("Momo: shelf E"));
  });

  test("sees the answer of a served agent, whose tools are run there", async () => {
    served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
    assert.equal((await modelOf("agent").invoke("Where is Momo?")).content, "On shelf E.");
  });

  test("gets structured output, by a schema, by a tool, and of a call with a responseModel", async () => {
    served.wire.reply({ text: JSON.stringify(momo) });
    for (const name of ["mini", "extract"]) {
      const reader = modelOf(name).withStructuredOutput(Book, { name: "book", method: "jsonSchema" });
      assert.deepEqual(await reader.invoke("A book?"), momo);
    }
    served.wire.reply({ toolCalls: [{ name: "book", args: momo }] });
    const byTool = modelOf("mini").withStructuredOutput(Book, { name: "book", method: "functionCalling" });
    assert.deepEqual(await byTool.invoke("A book?"), momo);
  });

  test("gets errors with their status and words", async () => {
    for (const [name, key, reply, status, words] of [
      ["mini", "other", {}, 401, /The key is not valid/],
      ["nobody", apiKey, {}, 404, /does not exist/],
      ["mini", apiKey, { status: 429, headers: { "retry-after": "120" } }, 429, /asked too often/],
      ["mini", apiKey, { status: 500, headers: { "x-should-retry": "false" } }, 502, /The provider failed/],
    ]) {
      served.wire.reply(reply);
      const error = await errorOf(modelOf(name, key).invoke("Hi"));
      assert.equal(error.status, status);
      assert.match(error.message, words);
    }
  });

  test("ends the work when it leaves", async () => {
    served.wire.reply({ text: onceThenSilence() });
    const seen = served.wire.requests.length;
    const controller = new AbortController();
    const stream = await modelOf("told").stream("Hi", { signal: controller.signal });
    await errorOf(async () => {
      for await (const chunk of stream) if (chunk.content) controller.abort();
      throw new Error("The stream ended without an error.");
    });
    const asked = await served.wire.arrived(seen + 1);
    await asked.closed;
    assert.equal(asked.aborted, true);
  });
});
