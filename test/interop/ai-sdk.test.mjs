import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { apiKey, errorOf, needsNode, onceThenSilence, startServe } from "./serving.mjs";

const Book = z.object({ title: z.string(), year: z.number() });
const momo = { title: "Momo", year: 1973 };

for (const [version, suffix, options] of [
  ["ai 6", "", {}],
  ["ai 7", "-v7", needsNode(22)],
])
  for (const provider of ["@ai-sdk/openai", "@ai-sdk/openai-compatible"])
    describe(`${version} with ${provider} as a client of callwright serve`, options, () => {
      let served;
      let ai;
      let modelOf;

      before(async () => {
        if (options.skip) return;
        served = await startServe();
        ai = await import(`ai${suffix}`);
        const { createOpenAI, createOpenAICompatible } = await import(`${provider}${suffix}`);
        // The default of createOpenAI asks the Responses API, which serve does not speak.
        modelOf = (name, key = apiKey) =>
          createOpenAI
            ? createOpenAI({ baseURL: served.baseURL, apiKey: key }).chat(name)
            : createOpenAICompatible({
                name: "callwright",
                baseURL: served.baseURL,
                apiKey: key,
                includeUsage: true,
                supportsStructuredOutputs: true,
              })(name);
      });
      after(() => served?.close());

      test("gets text and a stream, with their tokens", async () => {
        served.wire.reply({ text: ["Mo", "mo"], usage: { input: 9, output: 4 } });
        for (const name of ["mini", "answer", "told"]) {
          const { text, usage, finishReason } = await ai.generateText({ model: modelOf(name), prompt: "A book?" });
          assert.deepEqual([text, finishReason, usage.inputTokens], ["Momo", "stop", 9]);
          const streamed = ai.streamText({ model: modelOf(name), prompt: "A book?" });
          const texts = [];
          for await (const piece of streamed.textStream) texts.push(piece);
          assert.equal(texts.join(""), "Momo");
          assert.equal(await streamed.finishReason, "stop");
          assert.equal((await streamed.usage).outputTokens, 4);
        }
      });

      test("runs its own tools with a served model", async () => {
        const find_book = ai.tool({
          description: "Finds a book",
          inputSchema: z.object({ title: z.string() }),
          execute: async ({ title }) => `${title}: shelf E`,
        });
        const stopWhen = (ai.stepCountIs ?? ai.isStepCount)(3);
        for (const stream of [false, true]) {
          served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
          const ask = { model: modelOf("mini"), prompt: "Where is Momo?", tools: { find_book }, stopWhen };
          const text = stream ? await ai.streamText(ask).text : (await ai.generateText(ask)).text;
          assert.equal(text, "On shelf E.");
          assert.ok(JSON.stringify(served.sent.messages).includes("Momo: shelf E"));
        }
      });

      test("sees the answer of a served agent, whose tools are run there", async () => {
        for (const stream of [false, true]) {
          served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
          const ask = { model: modelOf("agent"), prompt: "Where is Momo?" };
          assert.equal(stream ? await ai.streamText(ask).text : (await ai.generateText(ask)).text, "On shelf E.");
        }
      });

      test("gets structured output, of a served model and of a call with a responseModel", async () => {
        served.wire.reply({ text: JSON.stringify(momo) });
        for (const name of ["mini", "extract"]) {
          const output = ai.Output.object({ schema: Book });
          const plain = await ai.generateText({ model: modelOf(name), prompt: "A book?", output });
          assert.deepEqual(plain.output, momo);
          const streamed = ai.streamText({ model: modelOf(name), prompt: "A book?", output });
          let last;
          for await (const partial of streamed.partialOutputStream) last = partial;
          assert.deepEqual(last, momo);
        }
      });

      test("gets errors as what they are", async () => {
        const failed = (name, key) =>
          errorOf(ai.generateText({ model: modelOf(name, key), prompt: "Hi", maxRetries: 0 }));
        for (const [name, key, reply, status, words] of [
          ["mini", "other", {}, 401, /The key is not valid/],
          ["nobody", apiKey, {}, 404, /does not exist/],
          ["mini", apiKey, { status: 429, headers: { "retry-after": "120" } }, 429, /asked too often/],
          ["mini", apiKey, { status: 500, headers: { "x-should-retry": "false" } }, 502, /The provider failed/],
          ["broken", apiKey, {}, 500, /The server failed/],
        ]) {
          served.wire.reply(reply);
          const error = await failed(name, key);
          assert.ok(ai.APICallError.isInstance(error), String(error));
          assert.equal(error.statusCode, status);
          assert.match(error.message, words);
        }
      });

      test("does not take half an answer for a whole one", async () => {
        served.wire.reply({ text: ["Once ", "upon ", "a ", "time ", "it ", "was"], cutAfter: 5 });
        const errors = [];
        const onError = ({ error }) => void errors.push(error);
        const broken = ai.streamText({ model: modelOf("mini"), prompt: "Hi", maxRetries: 0, onError });
        await broken.consumeStream();
        assert.equal(errors.length, 1);
        assert.notEqual(await Promise.resolve(broken.finishReason).catch(() => "none"), "stop");
      });

      test("ends the work when it leaves", async () => {
        served.wire.reply({ text: onceThenSilence() });
        const controller = new AbortController();
        const seen = served.wire.requests.length;
        const streamed = ai.streamText({
          model: modelOf("told"),
          prompt: "Hi",
          abortSignal: controller.signal,
          onError: () => {},
        });
        for await (const part of streamed.fullStream) if (part.type === "text-delta") break;
        controller.abort();
        const asked = await served.wire.arrived(seen + 1);
        await asked.closed;
        assert.equal(asked.aborted, true);
      });
    });
