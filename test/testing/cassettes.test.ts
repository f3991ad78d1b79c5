import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, call, prompt, retry } from "callwright";
import { type Cassette, type RecordOptions, record, type WireServer, wireServer } from "callwright/testing";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let server: WireServer;
let folder: string;
beforeEach(async () => {
  vi.stubEnv("CI", "");
  server = await wireServer();
  folder = mkdtempSync(join(tmpdir(), "cassettes-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: RecordOptions = {}) => record("books", { folder, ...options });
const file = () => join(folder, "books.json");
const exchanges = () => JSON.parse(readFileSync(file(), "utf8")).exchanges;

async function ask(cassette: Cassette, question: string, more: object = {}): Promise<string> {
  const options = { ...server.openai, ...cassette.access, ...more };
  return (await call("openai/gpt-4o-mini", options)(() => prompt`${question}`)()).content;
}

/** Records one answer for each question: its number. */
async function recorded(questions: readonly string[], options: RecordOptions = {}): Promise<void> {
  server.reply(...questions.map((_, index) => ({ text: `answer ${index}` })));
  await using cassette = open(options);
  for (const question of questions) await ask(cassette, question);
}

describe("each request gets its own answer", () => {
  const literals = ["What is ***?", "What is Momo?", "***", "Hello", "<***>", "<***:HOME>", "<***!> and <<***>"];

  test("although a recorded prompt has *** or a mark in it", async () => {
    await recorded(literals);
    const cassette = open();
    for (const at of [6, 1, 5, 0, 3, 2, 4]) expect(await ask(cassette, literals[at] as string)).toBe(`answer ${at}`);
    await expect(ask(cassette, "What is Dune?")).rejects.toThrow(/content is not as recorded/);
  });

  test("also in cassettes of before there were marks, exact requests first", async () => {
    const exchange = (content: string, text: string) => ({
      request: {
        method: "POST",
        path: "/v1/chat/completions",
        body: { model: "gpt-4o-mini", messages: [{ role: "user", content }], stream: false },
      },
      response: {
        status: 200,
        headers: { "content-type": "application/json" },
        json: { choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }] },
      },
    });
    const old = [exchange("What is ***?", "secret"), exchange("What is Momo?", "Momo"), exchange("***", "whole")];
    writeFileSync(file(), JSON.stringify({ version: 1, exchanges: old }));
    const cassette = open();
    expect(await ask(cassette, "What is Momo?")).toBe("Momo");
    expect(await ask(cassette, "What is sk-abcdefgh1234?")).toBe("secret");
    expect(await ask(cassette, "sk-abcdefgh1234")).toBe("whole");
  });

  test.each(["PARTITION_KEY", "SORT_KEY", "FEATURE_KEY"])("although a word is also the value of %s", async (name) => {
    vi.stubEnv(name, "fantasy");
    await recorded(["A fantasy book", "A crime book"]);
    vi.stubEnv(name, undefined);
    const cassette = open();
    expect(await ask(cassette, "A crime book")).toBe("answer 1");
    await expect(ask(cassette, "A horror book")).rejects.toThrow(ConfigurationError);
    expect(await ask(cassette, "A fantasy book")).toBe("answer 0");
  });

  test("although a word is also the key of a server that needs none", async () => {
    server.reply({ text: "one" });
    {
      await using cassette = open();
      await ask(cassette, "What is ollama?", { apiKey: "ollama" });
    }
    await expect(ask(open(), "What is vllm?")).rejects.toThrow(ConfigurationError);
  });

  test("although each holds another checksum, which may be a secret", async () => {
    const sums = ["0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"];
    await recorded(sums.map((sum) => `Which file has ${sum}?`));
    for (const sum of sums) expect(readFileSync(file(), "utf8")).not.toContain(sum);
    const cassette = open();
    expect(await ask(cassette, `Which file has ${sums[1]}?`)).toBe("answer 1");
    expect(await ask(cassette, `Which file has ${sums[0]}?`)).toBe("answer 0");
    await expect(ask(cassette, "Which file has 4a8a08f09d37b73795649038408b5f33?")).rejects.toThrow(ConfigurationError);
  });

  test("if a variable is set, only its value fits in its place; if it is not, anything does", async () => {
    vi.stubEnv("DB_PASSWORD", "p4ssw0rd-of-mine");
    await recorded(["Log in with p4ssw0rd-of-mine!"]);
    expect(readFileSync(file(), "utf8")).not.toContain("p4ssw0rd");
    expect(await ask(open(), "Log in with p4ssw0rd-of-mine!")).toBe("answer 0");
    await expect(ask(open(), "Log in with nothing!")).rejects.toThrow(ConfigurationError);
    vi.stubEnv("DB_PASSWORD", "another-password");
    expect(await ask(open(), "Log in with another-password!")).toBe("answer 0");
    vi.stubEnv("DB_PASSWORD", undefined);
    expect(await ask(open(), "Log in with nothing!")).toBe("answer 0");
  });

  test("the one that says most of it wins where several have marks", async () => {
    await recorded(["sk-abcdefgh1234", "Is sk-abcdefgh1234 valid?"]);
    const cassette = open();
    expect(await ask(cassette, "Is unknown-key valid?")).toBe("answer 1");
  });

  test("a conversation goes on from an answer whose secret was masked", async () => {
    const sum = "0cc175b9c0f1b6a831c399e269772661";
    server.reply({ text: `It is ${sum} or sk-abcdefgh1234.` }, { text: "Fine." });
    const talk = async (cassette: Cassette) => {
      const options = { ...server.openai, ...cassette.access };
      const first = await call("openai/gpt-4o-mini", options)(() => prompt`Say it`)();
      return (await call("openai/gpt-4o-mini", options)(() => [...first.messages, { role: "user", content: "And?" }])())
        .content;
    };
    {
      await using cassette = open();
      await talk(cassette);
    }
    expect(await talk(open())).toBe("Fine.");
  });
});

describe("modes and options", () => {
  test.each(["false", "0", "FALSE", "no", ""])("CI=%j is no CI", (value) => {
    vi.stubEnv("CI", value);
    expect(open().replays).toBe(false);
  });
  test.each(["true", "1", "woodpecker"])("CI=%j is a CI", (value) => {
    vi.stubEnv("CI", value);
    expect(open().replays).toBe(true);
  });

  test("a mode that does not exist is refused", () => {
    expect(() => open({ mode: "all" as "new" })).toThrow('record() has no mode "all". Use one of once, replay,');
  });

  test('"new" replays what is recorded and adds what is not', async () => {
    await recorded(["One", "Two"]);
    const before = server.requests.length;
    server.reply({ text: "added" });
    {
      await using cassette = open({ mode: "new" });
      expect([await ask(cassette, "Two"), await ask(cassette, "Three")]).toEqual(["answer 1", "added"]);
    }
    expect(server.requests.length - before).toBe(1);
    const cassette = open();
    expect([await ask(cassette, "Three"), await ask(cassette, "One")]).toEqual(["added", "answer 0"]);
    expect(exchanges()).toHaveLength(3);
  });

  test("unplayed has the requests that nobody made", async () => {
    await recorded(["One", "Two", "Two"]);
    const cassette = open();
    const left = () => cassette.unplayed.map(({ body }: any) => body.messages[0].content);
    expect(left()).toEqual(["One", "Two", "Two"]);
    await ask(cassette, "Two");
    expect(left()).toEqual(["One", "Two"]);
    expect(open({ mode: "update" }).unplayed).toEqual([]);
    expect(() => record("missing", { folder, mode: "replay" }).unplayed).toThrow(/cannot be read/);
  });

  test("members that are ignored may differ, and no others", async () => {
    await recorded(["One"], {});
    const extra = (trace: string, user: string) => ({ extraBody: { metadata: { trace }, user } });
    const ignore = ["body.metadata.trace", "body.metadata", "body.user"];
    expect(await ask(open({ ignore }), "One", extra("t1", "u1"))).toBe("answer 0");
    await expect(ask(open({ ignore: ["body.user"] }), "One", extra("t1", "u1"))).rejects.toThrow(
      /body\.metadata is not as recorded/,
    );
    expect(await ask(open({ ignore: ["body.messages[*].content"] }), "Something else")).toBe("answer 0");
  });

  test("match decides by itself, over requests without secrets", async () => {
    await recorded(["One sk-abcdefgh1234", "Two"]);
    const content = ({ body }: any) => body.messages[0].content as string;
    const seen: string[] = [];
    const match: RecordOptions["match"] = (request, known) => {
      seen.push(content(request));
      return content(request).slice(0, 3) === content(known).slice(0, 3);
    };
    expect(await ask(open({ match }), "Two hundred sk-abcdefgh1234")).toBe("answer 1");
    expect(seen[0]).toBe("Two hundred <***>");
    await expect(ask(open({ match }), "Three")).rejects.toThrow(/has no answer to this request/);
  });

  test("a recorded retry-after is shown and not waited for", { timeout: 20_000 }, async () => {
    const once = { use: [retry({ retries: 0 })] };
    server.reply({ status: 429, headers: { "retry-after": "50" } }, { text: "At last" });
    const messages = [{ role: "user" as const, content: "Hi" }];
    const complete = (cassette: Cassette, maxRetries: number) =>
      new OpenAI({ ...server.openai, ...cassette.access, maxRetries }).chat.completions.create({
        model: "m",
        messages,
      });
    {
      await using cassette = open();
      await expect(ask(cassette, "Hi", once)).rejects.toMatchObject({ retryAfterMs: 50_000 });
      await ask(cassette, "Hi", once);
      server.reply({ status: 429, headers: { "retry-after": "50" } }, { text: "At last" });
      await expect(complete(cassette, 0)).rejects.toMatchObject({ status: 429 });
      await complete(cassette, 0);
    }
    await expect(ask(open(), "Hi", once)).rejects.toMatchObject({ retryAfterMs: 50_000 });
    expect(await ask(open(), "Hi")).toBe("At last");
    expect((await complete(open(), 1)).choices[0]?.message.content).toBe("At last");
  });
});

describe("a cassette that was edited by hand", () => {
  const edits: readonly (readonly [problem: RegExp, edit: (exchange: any) => void])[] = [
    [/response\.status must be an integer from 200 to 599, not 99/, ({ response }) => (response.status = 99)],
    [/response\.status .* not 101/, ({ response }) => (response.status = 101)],
    [/response\.status .* not "200"/, ({ response }) => (response.status = "200")],
    [/response\.headers\["x-a"\] cannot be sent as a header/, ({ response }) => (response.headers["x-a"] = "a\nb")],
    [/response\.headers\["x a"\] cannot be sent as a header/, ({ response }) => (response.headers["x a"] = "a")],
    [/response\.headers\["x-a"\] cannot/, ({ response }) => (response.headers["x-a"] = 7)],
    [/response\.headers must be an object/, ({ response }) => (response.headers = ["a"])],
    [/response\.chunks must be a list of strings/, ({ response }) => (response.chunks = ["a", 7])],
    [/request\.method must be a string/, ({ request }) => (request.method = 7)],
    [/request\.path must be a string/, ({ request }) => delete request.path],
    [/request must be an object/, (exchange) => (exchange.request = "GET")],
    [/response must be an object/, (exchange) => delete exchange.response],
  ];

  test.each(edits)("is refused with its name, exchange and member: %s", async (problem, edit) => {
    await recorded(["One", "Two"]);
    const cassette = JSON.parse(readFileSync(file(), "utf8"));
    edit(cassette.exchanges[1]);
    writeFileSync(file(), JSON.stringify(cassette));
    const error = await ask(open(), "One").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/books\.json .*in exchange 2, /);
    expect(error.message).toMatch(problem);
  });
});

describe("several writers of one cassette", () => {
  test.each(["once", "update"] as const)("lose nothing (mode %j)", async (mode) => {
    writeFileSync(join(folder, "books.json"), "{}");
    if (mode === "once") rmSync(file());
    const writers = Array.from({ length: 8 }, () => open({ mode }));
    await Promise.all(
      writers.map(async (cassette, writer) => {
        await Promise.all(Array.from({ length: 10 }, (_, index) => ask(cassette, `Question ${index} of ${writer}`)));
        await cassette.close();
      }),
    );
    expect(new Set(exchanges().map(({ request }: any) => request.body.messages[0].content)).size).toBe(80);
    expect(readdirSync(folder)).toEqual(["books.json"]);
  });

  test('"update" replaces what was there, also if the same was asked', async () => {
    await recorded(["One", "Two"]);
    await recorded(["One"], { mode: "update" });
    expect(exchanges()).toHaveLength(1);
  });

  test("what a killed process left is cleaned up by the next one, and stops nobody", async () => {
    // No process has this number.
    const lock = JSON.stringify({ pid: 2 ** 30, host: hostname() });
    for (const mode of ["once", "replay"] as const) {
      writeFileSync(`${file()}.lock`, lock);
      for (const name of ["books.json.1234.tmp", "books.json.x-y.tmp", "other.json.1.tmp"])
        writeFileSync(join(folder, name), "{");
      const cassette = open({ mode });
      expect(readdirSync(folder).sort()).toEqual([...(mode === "replay" ? ["books.json"] : []), "other.json.1.tmp"]);
      if (mode === "once") await ask(cassette, "One");
      await cassette.close();
      mkdirSync(folder, { recursive: true });
    }
    expect(exchanges()).toHaveLength(1);
  });

  test("the files of one that is writing now are left alone", () => {
    writeFileSync(`${file()}.lock`, JSON.stringify({ pid: process.pid, host: hostname() }));
    writeFileSync(`${file()}.1.tmp`, "{");
    open();
    expect(readdirSync(folder).sort()).toEqual(["books.json.1.tmp", "books.json.lock"]);
  });
});
