import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { apiKey, errorOf, needsNode, onceThenSilence, startServe } from "./serving.mjs";

const bookTool = {
  type: "function",
  function: {
    name: "find_book",
    description: "Finds a book",
    parameters: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
  },
};
const Book = z.object({ title: z.string(), year: z.number() });
const messages = [{ role: "user", content: "A book?" }];
const momo = { title: "Momo", year: 1973 };

for (const [name, options] of [
  ["openai", {}],
  ["openai-v7", needsNode(22)],
])
  describe(`${name} as a client of callwright serve`, options, () => {
    let served;
    let openai;
    let OpenAI;

    before(async () => {
      if (options.skip) return;
      served = await startServe();
      ({ default: OpenAI } = await import(name));
      openai = new OpenAI({ baseURL: served.baseURL, apiKey, maxRetries: 0 });
    });
    after(() => served?.close());

    test("lists the models", async () => {
      const { data } = await openai.models.list();
      assert.deepEqual(data.map(({ id }) => id).sort(), ["agent", "answer", "broken", "extract", "mini", "told"]);
    });

    test("gets text, with its tokens", async () => {
      served.wire.reply({ text: ["Mo", "mo"], usage: { input: 9, output: 4 } });
      for (const model of ["mini", "answer", "told"]) {
        const { choices, usage } = await openai.chat.completions.create({ model, messages });
        assert.equal(choices[0].message.content, "Momo", model);
        assert.equal(choices[0].finish_reason, "stop");
        assert.equal(usage.total_tokens, 13);
      }
    });

    test("gets a stream", async () => {
      served.wire.reply({ text: ["Mo", "mo"] });
      for (const model of ["mini", "answer", "told"]) {
        const texts = [];
        const stream = await openai.chat.completions.create({ model, messages, stream: true });
        for await (const { choices } of stream) texts.push(choices[0]?.delta.content ?? "");
        assert.equal(texts.join(""), "Momo", model);
      }
    });

    test("runs its own tools with a served model", async () => {
      const titles = [];
      const run = (title) => {
        titles.push(title);
        return `${title}: shelf E`;
      };
      const tools = [
        { ...bookTool, function: { ...bookTool.function, parse: JSON.parse, function: ({ title }) => run(title) } },
      ];
      for (const stream of [false, true]) {
        served.wire.reply(
          { toolCalls: [{ name: "find_book", args: { title: "Momo" } }] },
          { text: "It stands on shelf E." },
        );
        const runner = openai.chat.completions.runTools({ model: "mini", messages, tools, stream });
        assert.equal(await runner.finalContent(), "It stands on shelf E.");
        assert.ok(JSON.stringify(served.sent.messages).includes("Momo: shelf E"));
      }
      assert.deepEqual(titles, ["Momo", "Momo"]);
    });

    test("sees the answer of a served agent, whose tools are run there", async () => {
      for (const stream of [false, true]) {
        served.wire.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "On shelf E." });
        const ask = { model: "agent", messages };
        const answer = stream
          ? await openai.chat.completions.stream(ask).finalChatCompletion()
          : await openai.chat.completions.create(ask);
        assert.equal(answer.choices[0].message.content, "On shelf E.");
        assert.equal(answer.choices[0].finish_reason, "stop");
        assert.ok(JSON.stringify(served.sent.messages).includes("Momo stands on shelf E."));
      }
    });

    test("gets structured output, of a served model and of a call with a responseModel", async () => {
      served.wire.reply({ text: JSON.stringify(momo) });
      const { zodResponseFormat } = await import(`${name}/helpers/zod`);
      const response_format = zodResponseFormat(Book, "book");
      for (const model of ["mini", "extract"]) {
        const parsed = await openai.chat.completions.parse({ model, messages, response_format });
        assert.deepEqual(parsed.choices[0].message.parsed, momo);
        const streamed = openai.chat.completions.stream({ model, messages, response_format });
        assert.deepEqual((await streamed.finalChatCompletion()).choices[0].message.parsed, momo);
        assert.equal(served.sent.response_format.type, "json_schema");
      }
    });

    test("gets errors as its own classes, with words", async () => {
      const failed = (model, client = openai) => errorOf(client.chat.completions.create({ model, messages }));
      const stranger = await failed("mini", new OpenAI({ baseURL: served.baseURL, apiKey: "other", maxRetries: 0 }));
      assert.ok(stranger instanceof OpenAI.AuthenticationError);
      assert.match(stranger.message, /The key is not valid/);
      const missing = await failed("nobody");
      assert.ok(missing instanceof OpenAI.NotFoundError);
      assert.match(missing.message, /The model "nobody" does not exist/);
      served.wire.reply({ status: 429, headers: { "retry-after": "120" } });
      const limited = await failed("mini");
      assert.ok(limited instanceof OpenAI.RateLimitError);
      assert.equal(limited.headers.get("retry-after"), "120");
      served.wire.reply({ status: 500, headers: { "x-should-retry": "false" } });
      const failure = await failed("answer");
      assert.ok(failure instanceof OpenAI.InternalServerError);
      assert.match(failure.message, /The provider failed/);
      const mistake = await failed("broken");
      assert.ok(mistake instanceof OpenAI.InternalServerError);
      assert.equal(mistake.status, 500);
      assert.doesNotMatch(mistake.message, /own mistake/);
      const refused = await errorOf(openai.chat.completions.create({ model: "mini", messages, n: 2 }));
      assert.ok(refused instanceof OpenAI.BadRequestError);
      assert.equal(refused.param, "n");
    });

    for (const model of ["mini", "told"])
      test(`ends the work of ${model} when it leaves`, async () => {
        served.wire.reply({ text: onceThenSilence() });
        const controller = new AbortController();
        const seen = served.wire.requests.length;
        const stream = await openai.chat.completions.create(
          { model, messages, stream: true },
          { signal: controller.signal },
        );
        for await (const { choices } of stream) if (choices[0]?.delta.content) break;
        controller.abort();
        const asked = await served.wire.arrived(seen + 1);
        await asked.closed;
        assert.equal(asked.aborted, true);
      });
  });
