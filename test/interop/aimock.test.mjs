import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import {
  AuthenticationError,
  BadRequestError,
  CallwrightError,
  call,
  model,
  OverloadedError,
  RateLimitError,
  retry,
  ServerError,
  Session,
  system,
  tool,
  user,
} from "callwright";
import { z } from "zod";
import { errorOf } from "./serving.mjs";

const Book = z.object({ title: z.string(), year: z.number() });
const momo = { title: "Momo", year: 1973 };
const sentence = "Momo is a novel by Michael Ende, and it is about time and the men in grey who steal it.";
const findBook = tool({ name: "find_book", description: "Finds a book", input: z.object({ title: z.string() }) })(
  ({ title }) => `${title} stands on shelf E.`,
);

const isAboutValue = ({ messages }) => JSON.stringify(messages).includes("As an object");
const mock = new LLMock({ port: 0, chunkSize: 5, logLevel: "silent" });
before(() => mock.start());
after(() => mock.stop());

/** The references that aimock can answer, with where it does. */
const providers = {
  "openai/gpt-4o-mini": () => ({ baseURL: `${mock.url}/v1` }),
  "openai/gpt-4o-mini by Responses": () => ({ baseURL: `${mock.url}/v1`, api: "responses" }),
  "anthropic/claude-haiku-4-5": () => ({ baseURL: mock.url }),
  "openrouter/openai/gpt-4o-mini": () => ({ baseURL: `${mock.url}/api/v1` }),
  "google/gemini-2.5-flash": () => ({ baseURL: `${mock.url}/v1` }),
  "groq/llama-3.3-70b": () => ({ baseURL: `${mock.url}/v1` }),
  "deepseek/deepseek-chat": () => ({ baseURL: `${mock.url}/v1` }),
  "xai/grok-4": () => ({ baseURL: `${mock.url}/v1` }),
  "mistral/mistral-small": () => ({ baseURL: `${mock.url}/v1` }),
  "together/meta-llama/Llama-3.3-70B": () => ({ baseURL: `${mock.url}/v1` }),
  "ollama/llama3.2": () => ({ baseURL: `${mock.url}/v1` }),
};

for (const [name, access] of Object.entries(providers))
  describe(`${name} at aimock`, () => {
    const reference = name.replace(" by Responses", "");
    const callWith = (options = {}) => call(reference, { apiKey: "mock-key", ...access(), ...options });
    const once = [retry({ retries: 0 })];

    before(() => {
      mock.clearFixtures();
      mock.clearChaos();
      mock
        .on({ userMessage: "A book?" }, { content: sentence })
        // In words, the form of the value stands in a message behind the question; a tool brings its own name.
        .on(
          { predicate: (request) => isAboutValue(request) && !request.tools?.length },
          { content: JSON.stringify(momo) },
        )
        .on({ predicate: isAboutValue }, ({ tools }) => ({
          toolCalls: [{ name: tools[0].function.name, arguments: JSON.stringify(momo) }],
        }))
        .on(
          { userMessage: "Where is Momo?", hasToolResult: false },
          { toolCalls: [{ name: "find_book", arguments: '{"title":"Momo"}' }] },
        )
        .on({ userMessage: "Where is Momo?", hasToolResult: true }, { content: "On shelf E." })
        .on({ userMessage: "401" }, { error: { message: "Bad key", type: "authentication_error" }, status: 401 })
        .on({ userMessage: "400" }, { error: { message: "Too long", type: "invalid_request_error" }, status: 400 })
        .on({ userMessage: "429" }, { error: { message: "Slow down", type: "rate_limit_error" }, status: 429 })
        .on({ userMessage: "500" }, { error: { message: "Oops", type: "server_error" }, status: 500 })
        .on({ userMessage: "503" }, { error: { message: "Busy", type: "overloaded_error" }, status: 503 });
    });

    test("gives text, whole and streamed", async () => {
      const { content, finishReason } = await callWith()(() => [system("Be brief."), user("A book?")])();
      assert.deepEqual([content, finishReason], [sentence, "stop"]);
      const stream = await callWith({ stream: true })(() => "A book?")();
      const pieces = [];
      for await (const [chunk] of stream) if (chunk.content) pieces.push(chunk.content);
      assert.equal(pieces.join(""), sentence);
      assert.ok(pieces.length > 3);
    });

    test("asks for tools, whose results go back", async () => {
      for (const stream of [false, true]) {
        const find = callWith({ tools: [findBook], maxSteps: 3, stream })(() => "Where is Momo?");
        const answer = await find();
        const response = stream ? await answer.response() : answer;
        assert.equal(response.content, "On shelf E.");
        assert.equal(response.steps.length, 2);
        assert.ok(JSON.stringify(mock.getLastRequest().body).includes("Momo stands on shelf E."));
      }
    });

    test("makes values", async () => {
      for (const outputMode of [undefined, "tool", "text"]) {
        const ask = (stream) => callWith({ responseModel: Book, outputMode, stream })(() => "As an object")();
        assert.deepEqual(await ask(false), momo);
        assert.deepEqual(await (await ask(true)).output(), momo);
      }
    });

    test("holds a conversation", async () => {
      const session = new Session({ model: model(reference, { apiKey: "k", ...access() }) });
      assert.equal((await session.send("A book?")).content, sentence);
      assert.equal((await session.send("A book?")).content, sentence);
      assert.equal(session.history.length, 4);
    });

    test("fails as what it is, whole and streamed", async () => {
      for (const [text, Kind] of [
        ["401", AuthenticationError],
        ["400", BadRequestError],
        ["429", RateLimitError],
        ["500", ServerError],
        ["503", OverloadedError],
      ])
        for (const stream of [false, true]) {
          const error = await errorOf(callWith({ stream, use: once })(() => text)());
          assert.ok(error instanceof Kind, `${text}: ${error.name}: ${error.message}`);
        }
    });
  });

describe("aimock's chaos", () => {
  const kinds = {
    drops: { dropRate: 1 },
    "malformed JSON": { malformedRate: 1 },
    "closed connections": { disconnectRate: 1 },
    "rate limits": { rateLimitRate: 1 },
  };
  for (const reference of ["openai/gpt-4o-mini", "openai/gpt-4o-mini by Responses", "anthropic/claude-haiku-4-5"]) {
    const access = providers[reference];
    const ask = (options) =>
      call(reference.replace(" by Responses", ""), { apiKey: "mock-key", ...access(), ...options })(() => "A book?")();

    before(() => {
      mock.clearFixtures();
      mock.on({ userMessage: "A book?" }, { content: sentence });
    });
    after(() => mock.clearChaos());

    for (const [kind, chaos] of Object.entries(kinds))
      test(`${kind}: ${reference} throws, whole and streamed, and gives no answer`, async () => {
        mock.setChaos(chaos);
        const use = [retry({ retries: 1, delayMs: () => 1 })];
        for (const run of [() => ask({ use }), async () => (await ask({ use, stream: true })).response()])
          assert.ok((await errorOf(run)) instanceof CallwrightError);
      });

    test(`all of it by chance: ${reference} gives the whole answer or an error`, async () => {
      mock.setChaos({ dropRate: 0.15, malformedRate: 0.15, disconnectRate: 0.15, rateLimitRate: 0.15 });
      const use = [retry({ retries: 3, delayMs: () => 1 })];
      let whole = 0;
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          try {
            const content =
              index % 3 === 0
                ? await textOf(await ask({ use, stream: true }))
                : index % 3 === 1
                  ? (await (await ask({ use, stream: true })).response()).content
                  : (await ask({ use })).content;
            assert.equal(content, sentence);
            whole++;
          } catch (error) {
            assert.ok(CallwrightError.isInstance(error), error);
          }
        }),
      );
      // With four tries each, most get through.
      assert.ok(whole > 20, `${whole} of 60`);
    });
  }
});

async function textOf(stream) {
  let text = "";
  for await (const piece of stream.textStream()) text += piece;
  return text;
}
