import { call, model, prompt, retry, tool } from "callwright";
import { handler } from "callwright/web";
import { z } from "zod";

/*
 * The same small suite for every runtime: plain call, stream, tool loop, structured output, errors, time limits, aborts and
 * the handler, through the vendor's SDK. It uses nothing but what all runtimes have.
 */

const once = [retry({ retries: 0 })];

function expect(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

async function errorOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const tests = {
  async "answers a plain call"(openai) {
    const { content, usage } = await call("openai/gpt-4o-mini", openai)(() => prompt`Say hello.`)();
    expect([content, usage.totalTokens], ["Hello, Momo.", 15]);
  },

  async "streams text as it comes"(openai) {
    const pieces = [];
    const stream = await call("openai/gpt-4o-mini", { ...openai, stream: true })(() => prompt`Say hello.`)();
    for await (const [chunk] of stream) if (chunk.content) pieces.push(chunk.content);
    expect(pieces.join(""), "Hello, Momo.");
  },

  async "runs tools and goes on"(openai) {
    const add = tool({ name: "add", description: "Adds.", input: z.object({ a: z.number(), b: z.number() }) })(
      async ({ a, b }) => a + b,
    );
    const sum = call("openai/gpt-4o-mini", { ...openai, tools: [add], maxSteps: 3 })(() => prompt`Add 2 and 3.`);
    expect((await sum()).content, "The sum is 5.");
  },

  async "validates structured output"(openai) {
    const Book = z.object({ title: z.string(), year: z.number() });
    const book = await call("openai/gpt-4o-mini", { ...openai, responseModel: Book })(() => prompt`Name a book.`)();
    expect(book, { title: "Momo", year: 1973 });
  },

  async "throws the provider's error as its class"(openai) {
    const error = await errorOf(call("openai/gpt-4o-mini", { ...openai, use: once })(() => prompt`Fail with 401.`)());
    expect([error.code, error.status], ["authentication", 401]);
  },

  async "ends a silent stream at its idle limit"(openai) {
    const options = { ...openai, use: once, stream: true, timeouts: { idleMs: 150 } };
    const stream = await call("openai/gpt-4o-mini", options)(() => prompt`Say one word, then be silent.`)();
    const error = await errorOf(stream.response());
    expect([error.code, error.phase ?? error.cause?.phase], [error.code, "idle"]);
  },

  async "closes the connection when the caller aborts"(openai) {
    const controller = new AbortController();
    const stream = await model("openai/gpt-4o-mini", openai).stream("Say one word, then be silent.", {
      signal: controller.signal,
    });
    for await (const [chunk] of stream) {
      if (!chunk.content) continue;
      controller.abort(new Error("enough"));
      break;
    }
    expect(controller.signal.aborted, true);
  },

  async "serves a call as an OpenAI-compatible endpoint"(openai) {
    const respond = handler(
      { books: (messages) => call("openai/gpt-4o-mini", openai)(() => messages)() },
      { hosts: "any" },
    );
    const response = await respond(
      new Request("http://localhost/v1/chat/completions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "books", messages: [{ role: "user", content: "Say hello." }] }),
      }),
    );
    const body = await response.json();
    expect([response.status, body.choices?.[0].message.content], [200, "Hello, Momo."]);
  },
};

/** Runs every test, one after the other; the result of each is "ok" or what went wrong. */
export async function runSuite(openai) {
  const results = {};
  for (const [title, run] of Object.entries(tests)) {
    try {
      await run(openai);
      results[title] = "ok";
    } catch (error) {
      results[title] = `${error?.name}: ${error?.message}`;
    }
  }
  return results;
}
