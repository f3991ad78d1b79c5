import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, call, prompt, RateLimitError } from "callwright";
import {
  type Cassette,
  denyNetwork,
  type RecordOptions,
  record,
  type WireServer,
  wireServer,
} from "callwright/testing";
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

const open = (options: RecordOptions = {}, name = "books/recommend") => record(name, { folder, ...options });
const fileOf = (cassette: Cassette) => readFileSync(cassette.path, "utf8");

const providers = ["openai", "anthropic"] as const;
const ids = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

/** Asks through the real SDK; what a replay is given as its key wins. */
function asker(provider: (typeof providers)[number], cassette: Cassette, more: object = {}) {
  const options = { ...server[provider], ...cassette.access, ...more };
  return call(ids[provider], options)((question: string) => prompt`${question}`);
}

async function said(provider: (typeof providers)[number], cassette: Cassette, question: string): Promise<string[]> {
  const options = { ...server[provider], ...cassette.access, stream: true } as const;
  const pieces: string[] = [];
  for await (const [chunk] of await call(ids[provider], options)(() => prompt`${question}`)())
    pieces.push(chunk.content);
  return pieces.filter((piece) => piece !== "");
}

describe.each(providers)("with %s", (provider) => {
  test("what was recorded once is replayed, without a network", async () => {
    server.reply({ text: "Momo", usage: { input: 12, output: 3 } }, { text: "Dune" });
    {
      await using cassette = open();
      expect(cassette.replays).toBe(false);
      const ask = asker(provider, cassette);
      expect([(await ask("A book?")).content, (await ask("Another?")).content]).toEqual(["Momo", "Dune"]);
    }
    await server.close();
    const denial = denyNetwork();
    try {
      const cassette = open();
      expect(cassette.replays).toBe(true);
      // Not at the address of the recording, and with the key of nobody.
      const elsewhere = { baseURL: provider === "openai" ? "https://api.example.com/v1" : "https://api.example.com" };
      const other = await asker(provider, cassette, elsewhere)("Another?");
      expect(other.content).toBe("Dune");
      const first = await asker(provider, cassette)("A book?");
      expect([first.content, first.usage?.inputTokens]).toEqual(["Momo", 12]);
    } finally {
      denial.close();
    }
  });

  test("streams keep their chunks", async () => {
    server.reply({ text: ["Once ", "upon ", "a time 🎈"], splitAt: "every-byte" });
    {
      await using cassette = open();
      expect((await said(provider, cassette, "A story?")).join("")).toBe("Once upon a time 🎈");
    }
    await server.close();
    expect(await said(provider, open(), "A story?")).toEqual(["Once ", "upon ", "a time 🎈"]);
  });

  test("errors are replayed with their headers", async () => {
    server.reply({ status: 429, headers: { "retry-after": "77", "x-should-retry": "false" } });
    {
      await using cassette = open();
      await expect(asker(provider, cassette)("Hi")).rejects.toThrow(RateLimitError);
    }
    await server.close();
    const error = await asker(provider, open())("Hi").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.retryAfterMs).toBe(77_000);
    expect(error.requestId).toMatch(/^req_/);
  });

  test("no key comes into the file, wherever it stands", async () => {
    const key = provider === "openai" ? "sk-proj-Aa0123456789bcdefghij" : "sk-ant-api03-Aa0123456789bcdefghij";
    const [plain, token] = ["plain-words-as-a-key", "tok/en+with=signs&more"];
    vi.stubEnv("SOME_VENDOR_KEY", plain);
    vi.stubEnv("OTHER_TOKEN", token);
    const forms = (secret: string) => [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)];
    const all = [key, plain, token].flatMap(forms);
    const headers = { "x-request-id": key, "request-id": key, "set-cookie": key, "x-echo": key, "retry-after": plain };
    server.reply(
      { text: all.join(" "), headers },
      { text: all.join(" ").match(/[\s\S]{1,3}/g) ?? [], headers },
      { json: { error: { message: `Incorrect key ${key}`, api_key: "short" } }, status: 401 },
    );
    const access = {
      ...server[provider],
      apiKey: key,
      headers: { "x-mine-token": token, authorization: `Bearer ${key}` },
    };
    const question = `What of ${all.join(" ")} and Bearer abcdefgh?`;
    {
      await using cassette = open({ secrets: ["a name of mine"] });
      const options = { ...access, ...cassette.access };
      await call(ids[provider], options)(() => prompt`${question} a name of mine`)();
      const streamed = await call(ids[provider], { ...options, stream: true })(() => prompt`${question}`)();
      expect((await streamed.response()).content).toBe(all.join(" "));
      await expect(call(ids[provider], options)(() => prompt`x`)()).rejects.toThrow();
    }
    const file = fileOf(open());
    for (const secret of [...all, "sk-", "Bearer a", "a name of mine", "x-echo", "set-cookie", '"short"'])
      expect(file).not.toContain(secret);
    // What is spread over the pieces of a stream is no less a secret.
    const pieces = [...file.matchAll(/\\"(?:text|content)\\":\\"((?:[^"\\]|\\\\\\.)*)\\"/g)].map(([, piece]) => piece);
    for (const secret of all) expect(pieces.join("")).not.toContain(secret);

    await server.close();
    const replay = open();
    const again = { ...access, ...replay.access };
    const masked = await call(ids[provider], again)(() => prompt`${question} a name of mine`)();
    expect(masked.content).toMatch(/^[*= ]+$/);
    const streamed = await call(ids[provider], { ...again, stream: true })(() => prompt`${question}`)();
    expect((await streamed.response()).content).toMatch(/^[*= ]+$/);
  });
});

describe("modes", () => {
  const ask = (cassette: Cassette, question = "Hi") =>
    asker("openai", cassette)(question).then(({ content }) => content);

  test('"replay" without a file, and a request that was not recorded, are errors that say what to do', async () => {
    await expect(ask(open({ mode: "replay" }))).rejects.toThrow(ConfigurationError);
    await expect(ask(open({ mode: "replay" }))).rejects.toThrow(/cannot be read\. Record it with mode: "update"/);
    {
      await using cassette = open();
      await ask(cassette);
    }
    const before = server.requests.length;
    const error = await ask(open(), "Hello").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(
      /no answer to this request \(POST \/v1\/chat\/completions; body\.messages\[0\]\.content is not as recorded\)/,
    );
    expect(server.requests).toHaveLength(before);
  });

  test('"update" records anew, and where CI is set nothing is recorded unasked', async () => {
    server.reply({ text: "old" }, { text: "new" });
    {
      await using cassette = open();
      await ask(cassette);
    }
    {
      await using cassette = open({ mode: "update" });
      expect(await ask(cassette)).toBe("new");
    }
    expect(await ask(open())).toBe("new");
    vi.stubEnv("CI", "true");
    expect(open().replays).toBe(true);
    expect(open({}, "another").replays).toBe(true);
    expect(open({ mode: "once" }, "another").replays).toBe(false);
  });

  test("the same request is answered in the order of the recording, the last answer again and again", async () => {
    server.reply({ text: "one", delayMs: 60 }, { text: "two" });
    {
      await using cassette = open();
      const first = ask(cassette);
      await server.arrived();
      await Promise.all([first, ask(cassette)]);
    }
    const cassette = open();
    expect([await ask(cassette), await ask(cassette), await ask(cassette)]).toEqual(["one", "two", "two"]);
  });

  test("an answer that was left is not kept, and does not hold up the others", async () => {
    server.reply({ text: ["a", "b"], hangAfter: 2 }, { text: "whole" });
    {
      await using cassette = open();
      const options = { ...server.openai, ...cassette.access, stream: true } as const;
      for await (const [chunk] of await call("openai/gpt-4o-mini", options)(() => prompt`Hi`)())
        if (chunk.content) break;
      await ask(cassette);
    }
    expect(JSON.parse(fileOf(open())).exchanges).toHaveLength(1);
  });

  test("the vendor's own client records and replays as well", async () => {
    const messages = [{ role: "user" as const, content: "Hi" }];
    const content = async (cassette: Cassette) => {
      const client = new OpenAI({ ...server.openai, ...cassette.access, maxRetries: 0 });
      return (await client.chat.completions.create({ model: "m", messages })).choices[0]?.message.content;
    };
    {
      await using cassette = open();
      await content(cassette);
    }
    await server.close();
    expect(await content(open())).toBe("Hello from the wire server.");
  });

  test("a replay obeys a signal that is aborted", async () => {
    {
      await using cassette = open();
      await ask(cassette);
    }
    const { fetch } = open().access;
    await expect(fetch("http://x.example/v1", { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  });
});

describe("the file", () => {
  test.each([
    "../../x",
    "/abs",
    "a/../../b",
    "a/./b",
    "..",
    "",
    ".json",
    "a//b",
    "a/",
    "CON",
    "con.txt",
    "a/NUL",
    "lpt1",
    "a\0b",
    "a\\b",
    "C:x",
    "a\nb",
    "x.",
    "x ",
    ".hidden",
    "a".repeat(5000),
    "\ud800",
    "a*b",
  ])("cannot be named %j", (name) => {
    expect(() => open({}, name)).toThrow(ConfigurationError);
    try {
      open({}, name);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["a", "a/b/c", "Über uns, 2 (neu)", "a.b-c_d", "console", "x.json"])("can be named %j", async (name) => {
    await using cassette = open({}, name);
    await asker("openai", cassette)("Hi");
    expect(cassette.path).toBe(join(folder, `${name.replace(/\.json$/, "")}.json`));
  });

  test("is not written through a link that leads out of the folder", () => {
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    symlinkSync(outside, join(folder, "link"), "junction");
    expect(() => open({}, "link/x")).toThrow(/outside of its folder/);
    expect(() => open({}, "link/deep/x")).toThrow(/outside of its folder/);
    rmSync(outside, { recursive: true });
  });

  test("is whole at every moment, and nothing is left beside it", async () => {
    const cassette = open();
    const ask = asker("openai", cassette);
    let reads = 0;
    let done = false;
    const reading = (async () => {
      while (!done) {
        if (existsSync(cassette.path)) {
          JSON.parse(fileOf(cassette));
          reads++;
        }
        await new Promise(setImmediate);
      }
    })();
    server.reply({ text: "x".repeat(20_000) });
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`Question ${index}`)));
    await cassette.close();
    done = true;
    await reading;
    expect(reads).toBeGreaterThan(0);
    expect(readdirSync(join(folder, "books"))).toEqual(["recommend.json"]);
    expect(JSON.parse(fileOf(cassette)).exchanges).toHaveLength(20);
  });

  test.each(["", "{", "[]", '{"version":2,"exchanges":[]}', '{"version":1,"exchanges":[{}]}'])(
    "is refused where it holds %j",
    async (text) => {
      mkdirSync(join(folder, "books"));
      writeFileSync(join(folder, "books/recommend.json"), text);
      await expect(asker("openai", open())("Hi")).rejects.toThrow(/is not a cassette of version 1/);
    },
  );

  test("where it cannot be written, calls succeed with one warning, and close() says so", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "no folder");
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on("warning", onWarning);
    const cassette = record("x", { folder: blocked });
    const ask = asker("openai", cassette);
    expect((await ask("One?")).content).toBe("Hello from the wire server.");
    expect((await ask("Two?")).content).toBe("Hello from the wire server.");
    await expect(cassette.close()).rejects.toThrow(/could not be written/);
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    expect(warnings.filter((message) => message.includes("could not be written"))).toHaveLength(1);
  });
});
