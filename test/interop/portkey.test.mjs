import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AuthenticationError, BadRequestError, call, model, RateLimitError, retry, Session, tool } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";
import { errorOf } from "./serving.mjs";

const main = fileURLToPath(new URL("node_modules/@portkey-ai/gateway/build/start-server.js", import.meta.url));
const findBook = tool({ name: "find_book", description: "Finds a book", input: z.object({ title: z.string() }) })(
  ({ title }) => `${title} stands on shelf E.`,
);

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// OpenAI's wire in front, Anthropic's behind: what callwright sends as one, the gateway says as the other.
describe("through @portkey-ai/gateway from OpenAI's wire to Anthropic's", () => {
  let gateway;
  let wire;
  let access;
  const untried = [retry({ retries: 0 })];
  const callWith = (options = {}) => call("openai/claude-haiku-4-5", { ...access, maxTokens: 100, ...options });

  before(async () => {
    wire = await wireServer();
    const port = await freePort();
    const env = { ...process.env, TRUSTED_CUSTOM_HOSTS: "127.0.0.1,localhost" };
    gateway = spawn(process.execPath, [main, `--port=${port}`, "--headless"], { env, stdio: "ignore" });
    const baseURL = `http://127.0.0.1:${port}/v1`;
    for (const from = Date.now(); ; ) {
      if (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) break;
      assert.ok(Date.now() - from < 60_000, "The gateway did not start.");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    access = {
      baseURL,
      apiKey: wire.anthropic.apiKey,
      headers: { "x-portkey-provider": "anthropic", "x-portkey-custom-host": `${wire.anthropic.baseURL}/v1` },
    };
  });
  after(async () => {
    gateway.kill();
    await wire.close();
  });

  test("text goes both ways, whole and streamed", async () => {
    wire.reply({ text: ["Mo", "mo"], usage: { input: 9, output: 4 } });
    const { content, usage } = await callWith()(() => "A book?")();
    assert.equal(content, "Momo");
    assert.equal(usage.inputTokens, 9);
    const stream = await callWith({ stream: true })(() => "A book?")();
    assert.equal((await stream.response()).content, "Momo");
    assert.deepEqual(new Set(wire.requests.map((request) => request.wire)), new Set(["anthropic"]));
  });

  test("tools are asked for, run and answered, whole and streamed", async () => {
    for (const stream of [false, true]) {
      wire.reply(
        { text: "Let me see.", toolCalls: [{ name: "find_book", args: { title: "Momo" } }] },
        { text: "On shelf E." },
      );
      const answer = await callWith({ tools: [findBook], maxSteps: 3, stream })(() => "Where is Momo?")();
      const response = stream ? await answer.response() : answer;
      assert.match(response.content, /On shelf E\.$/);
      assert.ok(JSON.stringify(wire.requests.at(-1).body.messages).includes("Momo stands on shelf E."));
    }
  });

  test("values are made by a tool", async () => {
    wire.reply(({ body }) => ({ toolCalls: [{ name: body.tools[0].name, args: { title: "Momo" } }] }));
    const extract = callWith({ responseModel: z.object({ title: z.string() }), outputMode: "tool" })(() => "A book?");
    assert.deepEqual(await extract(), { title: "Momo" });
  });

  test("a session goes on", async () => {
    wire.reply({ text: "Momo" });
    const session = new Session({ model: model("openai/claude-haiku-4-5", { ...access, maxTokens: 100 }) });
    await session.send("A book?");
    await session.send("Another one?");
    assert.equal(wire.requests.at(-1).body.messages.length, 3);
  });

  test("errors are what they are, with the provider's words", async () => {
    for (const [status, Kind, words] of [
      [401, AuthenticationError, "No such key."],
      [400, BadRequestError, "Too many tokens."],
      [429, RateLimitError, "Slow down."],
    ])
      for (const stream of [false, true]) {
        wire.reply({ status, text: words });
        const error = await errorOf(callWith({ stream, use: untried })(() => "Hi")());
        assert.ok(error instanceof Kind, `${status}: ${error.name}`);
        assert.ok(error.message.includes(words), error.message);
      }
  });

  test("half an answer is an error", async () => {
    wire.reply({ text: ["Once ", "upon ", "a ", "time ", "it ", "was"], cutAfter: 4 });
    const stream = await callWith({ stream: true, use: untried })(() => "Hi")();
    assert.match((await errorOf(stream.response())).name, /StreamInterrupted|Connection/);
  });
});
