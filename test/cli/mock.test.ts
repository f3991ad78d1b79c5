import Anthropic from "@anthropic-ai/sdk";
import { call, prompt } from "callwright";
import OpenAI from "openai";
import { describe, expect, test, vi } from "vitest";
import { type Project, project } from "./project.js";

vi.setConfig({ testTimeout: 30_000 });

const hello = [{ role: "user" as const, content: "Hello?" }];

async function playing(here: Project, ...args: string[]) {
  const running = here.start(["mock", "--port", "0", ...args]);
  await running.says(/Stop with/);
  const printedAs = (name: string) => running.printed.match(new RegExp(`${name}=(\\S+)`))![1]!;
  const access = { baseURL: printedAs("OPENAI_BASE_URL"), apiKey: printedAs("OPENAI_API_KEY") };
  return {
    running,
    access,
    openai: new OpenAI({ ...access, maxRetries: 0 }),
    anthropic: new Anthropic({
      baseURL: printedAs("ANTHROPIC_BASE_URL"),
      apiKey: printedAs("ANTHROPIC_API_KEY"),
      maxRetries: 0,
    }),
  };
}

test("the printed lines are all that both SDKs need, and each request is told", async () => {
  using here = project();
  const { openai, anthropic, running } = await playing(here, "--text", "Hello there.");
  const completion = await openai.chat.completions.create({ model: "gpt-4o-mini", messages: hello });
  expect(completion.choices[0]!.message.content).toBe("Hello there.");
  expect((await openai.responses.create({ model: "gpt-4o-mini", input: "Hi" })).output_text).toBe("Hello there.");
  let streamed = "";
  const events = await anthropic.messages.create({
    model: "claude-haiku-4-5",
    messages: hello,
    max_tokens: 9,
    stream: true,
  });
  for await (const event of events)
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") streamed += event.delta.text;
  expect(streamed).toBe("Hello there.");
  await running.says(/POST \/v1\/chat\/completions {2}openai {2}gpt-4o-mini {2}plain {2}reply 1/);
  await running.says(/POST \/v1\/messages {2}anthropic {2}claude-haiku-4-5 {2}streamed {2}reply 1/);
});

test.each([
  ["YAML", "- Hello!\n- { status: 503 }\n- toolCalls: [{ name: find, args: { title: Momo } }]\n"],
  ["JSON", '["Hello!", { "status": 503 }, { "toolCalls": [{ "name": "find", "args": { "title": "Momo" } }] }]'],
])("a script in %s is answered in order, and its last reply repeats", async (_, script) => {
  using here = project({ "replies.yaml": script });
  const { openai, running } = await playing(here, "--script", "replies.yaml", "--quiet");
  const ask = () => openai.chat.completions.create({ model: "gpt-4o-mini", messages: hello });
  expect((await ask()).choices[0]!.message.content).toBe("Hello!");
  await expect(ask()).rejects.toMatchObject({ status: 503 });
  for (let time = 0; time < 2; time++)
    expect((await ask()).choices[0]!.message.tool_calls).toMatchObject([{ function: { name: "find" } }]);
  expect(running.printed).not.toContain("POST");
});

test("a fault from --fault and one of a script break a stream", async () => {
  using here = project({ "s.yaml": "- { text: Once upon a time, fault: { truncate: { after: 2 } } }\n" });
  for (const args of [
    ["--fault", "truncate"],
    ["--script", "s.yaml"],
  ]) {
    const { access } = await playing(here, ...args);
    const tell = call("openai/gpt-4o-mini", { ...access, stream: true, retries: 0 })(() => prompt`Tell.`);
    const reading = async () => {
      for await (const _ of await tell());
    };
    await expect(reading()).rejects.toMatchObject({ name: "StreamInterruptedError" });
  }
});

test("a request that the real API would refuse is refused and told, unless --no-strict is given", async () => {
  using here = project();
  const { openai, running } = await playing(here, "--text", "Hello there.");
  const ask = (client: OpenAI) => client.chat.completions.create({ model: "gpt-4o-mini", messages: hello, n: 0 });
  await expect(ask(openai)).rejects.toMatchObject({ status: 400, code: "integer_below_min_value" });
  await running.says(/POST \/v1\/chat\/completions {2}openai {2}gpt-4o-mini {2}plain {2}refused: Invalid 'n': integer/);
  const lax = await playing(here, "--text", "Hello there.", "--no-strict");
  expect((await ask(lax.openai)).choices[0]!.message.content).toBe("Hello there.");
});

describe("refused", () => {
  test.each([
    ["a fault that is none", ["--fault", "stal"], /there is no fault stal\. Did you mean stall\?/],
    ["a script that is not there", ["--script", "gone.yaml"], /gone\.yaml cannot be read \(ENOENT\)/],
    ["a script that never ends", ["--script", "/dev/zero"], /\/dev\/zero is no file|ENOENT/],
    ["a script that is no list", ["--script", "object.yaml"], /must be a list of replies/],
    ["a script that is no YAML", ["--script", "broken.yaml"], /is no YAML and no JSON/],
    ["a reply that is none", ["--script", "number.yaml"], /Reply 2 of number\.yaml must be a text or an object/],
    ["a member that is none", ["--script", "member.yaml"], /Reply 1 of member\.yaml has a member txt, .* mean text\?/],
    ["a script beside a text", ["--script", "member.yaml", "--text", "x"], /Give --script alone/],
    ["an option that is none", ["--txt", "x"], /unknown option '--txt'[\s\S]*Did you mean --text\?/],
  ])("%s, with the exit code 2", async (_, args, problem) => {
    using here = project({
      "object.yaml": "text: Hi",
      "broken.yaml": "- [",
      "number.yaml": "- Hi\n- 7\n",
      "member.yaml": "- { txt: Hi }",
    });
    const { code, err, out } = await here.run(["mock", ...args]);
    expect([code, err, out]).toEqual([2, expect.stringMatching(problem), ""]);
  });
});

test.runIf(process.platform !== "win32")("Ctrl+C ends it at once with 0, also while an answer stalls", async () => {
  using here = project();
  const { openai, running } = await playing(here, "--fault", "stall");
  const stalled = openai.chat.completions.create({ model: "gpt-4o-mini", messages: hello });
  stalled.catch(() => {});
  await running.says(/POST/);
  const from = performance.now();
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(0);
  // Well below the two seconds after which a process is ended that something keeps open.
  expect(performance.now() - from).toBeLessThan(1900);
  await expect(stalled).rejects.toThrow();
});
