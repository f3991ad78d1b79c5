import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { wireServer } from "callwright/testing";
import OpenAI from "openai";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { envOf, type Project, project, type Running } from "./project.js";

vi.setConfig({ testTimeout: 20_000 });

const library = `
import { BaseTool, call, model, prompt, promptTemplate, Session } from "callwright";
import { z } from "zod";
export const answer = call("openai/gpt-4o-mini")((messages) => messages);
export const told = call("openai/gpt-4o-mini", { stream: true })((messages) => messages);
export const asked = call("anthropic/claude-haiku-4-5")(promptTemplate("Answer kindly: {prompt}")((_) => {}));
class FindBook extends BaseTool.of({ title: z.string() }) {}
export const find = call("openai/gpt-4o-mini", { tools: [FindBook] })((messages) => messages);
export const mini = model("openai/gpt-4o-mini");
export const session = new Session({ model: mini });
export const extract = call("openai/gpt-4o-mini", { responseModel: z.object({ title: z.string() }) })((messages) => messages);
export const shout = call("openai/gpt-4o-mini", { outputParser: ({ content }) => content.toUpperCase() })((messages) => messages);
export const notServed = () => 1;
`;
const hello = { messages: [{ role: "user" as const, content: "Hello?" }] };

async function serving(here: Project, args: readonly string[], env: Record<string, string>) {
  const running: Running = here.start(["serve", "library.mjs", "--port", "0", ...args], env);
  const [, baseURL = ""] = await running.says(/ at (http:\S+)/);
  await running.says(/Stop with Ctrl\+C\./);
  const client = new OpenAI({ baseURL, apiKey: env.CALLWRIGHT_API_KEY ?? "any", maxRetries: 0 });
  return { running, baseURL, client };
}

test("every call, model and session of a file is a model for OpenAI's own client", async () => {
  using here = project({ "library.mjs": library });
  await using server = await wireServer();
  const { client, running } = await serving(here, [], envOf(server));
  const names = (await client.models.list()).data.map(({ id }) => id);
  expect(names.sort()).toEqual(["answer", "asked", "extract", "find", "mini", "session", "shout", "told"]);
  for (const model of names.filter((name) => !["find", "extract", "shout"].includes(name))) {
    server.reply({ text: ["Mo", "mo."] });
    const whole = await client.chat.completions.create({ model, ...hello });
    expect(whole.choices[0]!.message.content, model).toBe("Momo.");
    let streamed = "";
    for await (const chunk of await client.chat.completions.create({ model, ...hello, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    expect(streamed, model).toBe("Momo.");
  }
  expect(server.requests.find(({ wire }) => wire === "anthropic")!.body.messages).toMatchObject([
    { role: "user", content: expect.anything() },
  ]);
  expect(JSON.stringify(server.requests.find(({ wire }) => wire === "anthropic")!.body)).toContain(
    "Answer kindly: Hello?",
  );
  server.reply({ toolCalls: [{ name: "FindBook", args: { title: "Momo" } }] });
  const { choices } = await client.chat.completions.create({ model: "find", ...hello });
  expect(choices[0]!.message.tool_calls).toMatchObject([
    { function: { name: "FindBook", arguments: '{"title":"Momo"}' } },
  ]);
  server.reply({ text: '{"title":"Momo"}' });
  for (const [model, content] of [
    ["extract", '{"title":"Momo"}'],
    ["shout", '{"TITLE":"MOMO"}'],
  ] as const) {
    const whole = await client.chat.completions.create({ model, ...hello });
    const streamed = await client.chat.completions.stream({ model, ...hello }).finalChatCompletion();
    for (const answer of [whole, streamed]) expect(answer.choices[0]!.message.content).toBe(content);
  }
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(0);
});

test("the AI SDK gets completions, streams, tool calls and errors, too", async () => {
  using here = project({ "library.mjs": library });
  await using server = await wireServer();
  const { baseURL } = await serving(here, [], envOf(server));
  const provider = createOpenAICompatible({ name: "callwright", baseURL, apiKey: "any" });
  server.reply({ text: ["Mo", "mo."] });
  expect((await generateText({ model: provider("answer"), prompt: "Hello?" })).text).toBe("Momo.");
  expect(await streamText({ model: provider("told"), prompt: "Hello?" }).text).toBe("Momo.");

  server.reply({ toolCalls: [{ name: "find_book", args: { title: "Momo" } }] }, { text: "Shelf E." });
  const find_book = tool({ inputSchema: z.object({ title: z.string() }), execute: ({ title }) => `${title}: E` });
  const options = { model: provider("mini"), prompt: "Where?", tools: { find_book }, stopWhen: stepCountIs(2) };
  expect((await generateText(options)).text).toBe("Shelf E.");
  expect(JSON.stringify(server.requests.at(-1)!.body.messages)).toContain("Momo: E");

  await expect(generateText({ model: provider("nobody"), prompt: "Hello?" })).rejects.toMatchObject({
    statusCode: 404,
  });
});

test("errors have the provider's status, and are told in the terminal without secrets", async () => {
  using here = project({ "library.mjs": library });
  await using server = await wireServer();
  const { client, running } = await serving(here, [], envOf(server));
  server.reply({ status: 401, text: `Wrong key ${server.openai.apiKey}` });
  await expect(client.chat.completions.create({ model: "answer", ...hello })).rejects.toMatchObject({
    status: expect.any(Number),
  });
  await expect(client.chat.completions.create({ model: "missing", ...hello })).rejects.toMatchObject({ status: 404 });
  await running.says(/AuthenticationError/);
  expect(running.printed).not.toContain("sk-wire");
});

test("decorated methods in TypeScript are served, also from a CommonJS package", async () => {
  for (const type of ["module", "commonjs"] as const) {
    using here = project(
      {
        "library.ts": `import { call, type CallResponse, type CallStream, type Message } from "callwright";
export class Librarian {
  @call("openai/gpt-4o-mini") async answer(messages: readonly Message[]): Promise<CallResponse> { return messages as never; }
  @call("openai/gpt-4o-mini", { stream: true }) async tell(messages: readonly Message[]): Promise<CallStream> { return messages as never; }
}`,
      },
      type,
    );
    await using server = await wireServer();
    server.reply({ text: ["Mo", "mo."] });
    const running = here.start(["serve", "library.ts", "--port", "0"], envOf(server));
    const [, baseURL] = await running.says(/ at (http:\S+)/);
    const client = new OpenAI({ baseURL: baseURL!, apiKey: "any", maxRetries: 0 });
    for (const model of ["Librarian.answer", "Librarian.tell"]) {
      const { choices } = await client.chat.completions.create({ model, ...hello });
      expect(choices[0]!.message.content, type).toBe("Momo.");
      let streamed = "";
      for await (const chunk of await client.chat.completions.create({ model, ...hello, stream: true }))
        streamed += chunk.choices[0]?.delta.content ?? "";
      expect(streamed, type).toBe("Momo.");
    }
  }
});

test("with a key, whoever has none is refused", async () => {
  using here = project({ "library.mjs": library });
  await using server = await wireServer();
  const env = { ...envOf(server), CALLWRIGHT_API_KEY: "local-key-1" };
  const { client, baseURL, running } = await serving(here, ["--host", "0.0.0.0"], env);
  expect(running.printed).toMatch(/Warning: everybody who reaches 0\.0\.0\.0:\d+/);
  expect(running.printed).not.toContain("local-key-1");
  const own = baseURL.replace("0.0.0.0", "127.0.0.1");
  expect((await client.withOptions({ baseURL: own }).models.list()).data).toHaveLength(8);
  await expect(client.withOptions({ baseURL: own, apiKey: "other" }).models.list()).rejects.toMatchObject({
    status: 401,
  });
});

describe("refused at the start", () => {
  test.each(["0.0.0.0", "::", "192.168.0.1"])("an address that others reach, %s, without a key", async (host) => {
    using here = project({ "library.mjs": `console.log("loaded");${library}` });
    const { code, err, out } = await here.run(["serve", "library.mjs", "--host", host]);
    expect([code, err, out]).toEqual([2, expect.stringMatching(/Set CALLWRIGHT_API_KEY/), ""]);
  });

  test("a port that is taken, and one that is none", async () => {
    using here = project({ "library.mjs": library });
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    for (const command of [["serve", "library.mjs"], ["mock"]]) {
      const { code, err } = await here.run([...command, "--port", String(port)]);
      expect([code, err]).toEqual([2, expect.stringMatching(/EADDRINUSE.*Choose another --port/)]);
      expect((await here.run([...command, "--port", "99999"])).err).toMatch(/It must be a port, from 0 to 65535/);
      expect((await here.run([...command, "--port", "80a"])).code).toBe(2);
    }
    taken.close();
  });

  test("a file that exports nothing to serve", async () => {
    using here = project({ "a.mjs": "export const x = 1;" });
    const { code, err } = await here.run(["serve", "a.mjs"]);
    expect([code, err]).toEqual([2, expect.stringMatching(/exports nothing that can be served/)]);
  });
});

test.runIf(process.platform !== "win32").each(["SIGINT", "SIGTERM"] as const)(
  "%s lets what is under way come to its end, takes nothing more, and exits with 0",
  async (name) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    let goOn = () => {};
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    server.reply({
      text: (async function* () {
        yield "Mo";
        await stopped;
        yield "mo.";
      })(),
    });
    const { client, running } = await serving(here, [], envOf(server));
    const stream = await client.chat.completions.create({ model: "told", ...hello, stream: true });
    let said = "";
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? "";
      if (said !== "Mo") continue;
      running.child.kill(name);
      // Others are refused by then.
      await vi.waitFor(() => expect(client.models.list()).rejects.toMatchObject({ name: "Error" }), 10_000);
      goOn();
    }
    expect(said).toBe("Momo.");
    const from = performance.now();
    expect((await running.ended).code).toBe(0);
    // The client would keep its connection for three seconds and more.
    expect(performance.now() - from).toBeLessThan(2500);
  },
);
