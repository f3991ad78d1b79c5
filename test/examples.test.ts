import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import * as callwright from "callwright";
import * as connecting from "callwright/connect";
import { type WireServer, wireServer } from "callwright/testing";
import * as web from "callwright/web";
import { beforeAll, describe, expect, test } from "vitest";
import { answer } from "../examples/quickstart/answers.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const numbered = readdirSync(`${root}examples`).filter((file) => /^\d\d-.*\.ts$/.test(file));
const sourceOf = (file: string) => readFileSync(`${root}examples/${file}`, "utf8");

interface Outcome {
  readonly code: number;
  readonly printed: string;
  readonly complained: string;
}

// Compiled once for all: tsx takes longer to load than most examples to run.
const compiled = `${root}.examples/`;
beforeAll(() => {
  rmSync(compiled, { recursive: true, force: true });
  cpSync(`${root}examples`, compiled, { recursive: true, filter: (file) => !file.endsWith(".ts") });
  const tsconfig = {
    extends: "../test/types/tsconfig.json",
    compilerOptions: { noEmit: false, rootDir: "../examples", outDir: "." },
    include: ["../examples"],
  };
  writeFileSync(`${compiled}tsconfig.json`, JSON.stringify(tsconfig));
  const tsc = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", compiled], {
    encoding: "utf8",
  });
  expect(tsc.stdout).toBe("");
}, 60_000);

/** Runs an example as its reader would, without any key of the machine that it runs on. */
function run(file: string, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const args = [compiled + file.replace(/ts$/, "js"), ...flags];
  return new Promise<Outcome>((resolve) => {
    // One that does not end by itself is killed before the test gives up.
    const options = { cwd: root, env: { PATH: process.env.PATH, ...env }, timeout: 50_000 };
    execFile(process.execPath, args, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, printed: out, complained: err });
    });
  });
}

/** Lines that each example prints, among others. */
const prints: Readonly<Record<string, readonly string[]>> = {
  "01-call.ts": [
    "Momo, by Michael Ende",
    "openai gpt-4o-mini stop 15",
    "anthropic",
    "[ 0.7, undefined, undefined, 0 ]",
  ],
  "02-template.ts": ['[system] You are a patient librarian. Answer as {"title": "…"}.', "Dune"],
  "03-stream.ts": ["Once upon a time.", "17 characters, 4 tokens, stop", 'left after "Once "'],
  "04-typed-value.ts": ["Momo, 2023, 15 tokens", '[{"title":"Momo","year":1973},{"title":"Dune","year":1965}]'],
  "05-tools.ts": ["MOMO by Michael Ende", "One moment.", "Momo is yours for 14 days"],
  "06-tool-methods.ts": [
    'tool ["Momo"]',
    'tool {"city":"Rome","celsius":21}',
    "You have Momo, and Rome has 21 degrees.",
  ],
  "07-tool-loop.ts": ["It is warm. after 2 steps", "user, assistant, tool, assistant", "It is still warm."],
  "08-prompt-class.ts": ["Is this review positive or negative? I LOVE IT", "USER: I am Momo.", "year: 1973"],
  "10-parallel.ts": ["A fantasy book, A crime book, A poetry book, A history book", "4 at the same time", "failed"],
  "11-models.ts": ["[ 0.2, 0, 0.2 ]", "Momo script 4"],
  "12-errors.ts": ["authentication (401): check the key", "quota (429): pay, since waiting does not help"],
  "13-mistakes.ts": ["ConfigurationError: maxTokens must be a whole number above 0, not 0."],
  "14-broken-streams.ts": ['cut off after "Once "', 'idle after "Once upon"', "aborted: Enough of that.", "read twice"],
  "15-tool-errors.ts": ["1 invalid-arguments, unknown-tool", "FindBook: The shelf with Momo is being painted."],
  "09-parts.ts": ["user text, image_url, input_audio", "[ { type: 'ephemeral', ttl: '1h' }, 'text' ]"],
  "16-own-client.ts": ["library", "archive"],
  "17-middleware.ts": ["Third time lucky.", "3 requests"],
  "18-testing-without-a-model.ts": ["all as expected"],
  "19-session.ts": ["system, user, assistant, tool, assistant, user, assistant", "bad_request 7"],
  "20-fallback.ts": ["I am the other model. after 2 requests", "(forget that)", "The library is closed."],
  "21-gateway.ts": ["Once more. 15", "shelf-1"],
  "22-limits.ts": [
    "5 requests, 2 at the same time",
    "answered, answered, RateLimitError",
    "30 tokens, then: This call of openai/gpt-4o-mini could use 75 tokens, and 70 are left of the budget",
  ],
  "23-cache.ts": ["I am the first. (1)", "I am another. (2)", "not asked", "I am the other model.", "I am back."],
  "24-faults.ts": [
    "closes before it answers: Once upon a time. (2 requests)",
    "ends too early: Once upon a time. (2 requests)",
    "is out of credit: QuotaError (1 requests)",
    "sends strange events: Hello from the wire server. (1 requests)",
  ],
  "25-test-model.ts": [
    "asked for Momo: a valid ISBN",
    "It stands on E4. (2 steps)",
    "100 valid loans of 100",
    "denyNetwork() keeps api.openai.com:443 from being reached",
  ],
  "26-cassettes.ts": [
    "false Momo|, by Michael Ende",
    "true Momo|, by Michael Ende",
    "the key is not in it",
    'The cassette recommend.json has no answer to this request (POST /v1/chat/completions; body.messages[0].content is not as recorded). Record it anew with mode: "update", or add it with mode: "new".',
  ],
  "27-web-page.ts": ["event: delta", 'data: {"text":"upon\\n"}', "event: done"],
  "28-web-endpoint.ts": [
    "librarian",
    "Momo, of course. 13",
    '404 The model "nobody" does not exist. /v1/models lists those that do.',
    'data: {"text":"Momo, "}',
  ],
  "29-simulated-users.ts": [
    "return failed 1 turns",
    '  contains "receipt": The answer does not.',
    "recommend passed 2 turns",
    "3 answers, 0 without; 30 tokens in",
  ],
  "30-simulator-of-your-own.ts": ["{ delivered: 1, failed: 1 }", "I am fine. of no conversation"],
  "31-scenario-files.ts": ["greeting failed It does not greet back.", "line 3: scenarios[0].turn"],
  "32-snowglobe.ts": ["/api/experiments/e1/tests/t1 HELLO FROM T1.", "t2 true", "{ delivered: 1, failed: 1 }"],
  "33-session-branches.ts": ["When was it written? 1972.", "5 7", "45 tokens in three turns, one of them taken back"],
};

describe("the numbered examples", () => {
  test.each(numbered)(
    "%s runs offline, prints what it promises and exits by itself",
    { timeout: 60_000 },
    async (file) => {
      const { code, printed, complained } = await run(file);
      expect(code, complained).toBe(0);
      expect(prints[file], "the lines to look for stand in this test").toBeDefined();
      expect(printed.split("\n")).toEqual(expect.arrayContaining([...(prints[file] ?? [])]));
    },
  );

  test.each(numbered)("%s has at most 40 lines and imports only packages", (file) => {
    const source = sourceOf(file);
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    expect(source).not.toMatch(/from "\./);
  });

  test.each([
    ["callwright", callwright],
    ["callwright/web", web],
    ["callwright/connect", connecting],
  ])("together with the quickstart they use every value that %s exports", (entry, exports) => {
    const imports = new RegExp(`import (?:type )?\\{([^}]*)\\} from "${entry}";`, "g");
    const used = [...numbered, "quickstart.ts"].flatMap((file) =>
      [...sourceOf(file).matchAll(imports)].flatMap(([, names = ""]) =>
        names.split(",").map((name) => name.trim().replace(/^type /, "")),
      ),
    );
    expect(Object.keys(exports).filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe("the quickstart", { timeout: 60_000 }, () => {
  const parts = [
    "1. A typed call",
    "2. A stream, printed as it comes",
    "3. A tool that is called",
    "4. A prompt as a class",
    "5. Four calls in parallel",
    "6. An error, caught",
  ];
  const headings = (printed: string) => printed.split("\n").filter((line) => /^\d\. /.test(line));

  /** A server that answers the quickstart's prompts, for a run that takes it for the real thing. */
  async function provider(): Promise<WireServer> {
    const server = await wireServer();
    server.reply(answer);
    return server;
  }

  test("shows six parts on answers that were written for it, says so in one line, and exits by itself", async () => {
    const { code, printed, complained } = await run("quickstart.ts");
    expect(code, complained).toBe(0);
    expect(printed.split("\n")[0]).toMatch(/^Offline: no model is involved/);
    expect(headings(printed)).toEqual(parts);
    expect(printed).toContain("The Name of the Wind, by Patrick Rothfuss");
    expect(printed).toContain("Momo, by Michael Ende: shelf E");
    expect(printed).toContain("NotFoundError: code not_found, status 404");
    expect(printed).not.toContain("Nothing was written");
  });

  test("with --live and nothing to ask, it says what to set and exits with 1", async () => {
    const { code, printed, complained } = await run("quickstart.ts", ["--live"], { OLLAMA_HOST: "127.0.0.1:1" });
    expect(code).toBe(1);
    expect(headings(printed)).toEqual([]);
    expect(complained).toMatch(/OPENAI_API_KEY.*ANTHROPIC_API_KEY.*Ollama/);
  });

  test("with --live and a key of OpenAI, it names the model and asks OpenAI alone", async () => {
    await using server = await provider();
    const { baseURL, apiKey } = server.openai;
    const env = { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, ANTHROPIC_API_KEY: "sk-ant-unused" };
    const { code, printed, complained } = await run("quickstart.ts", ["--live"], env);
    expect(code, complained).toBe(0);
    expect(printed.split("\n")[0]).toBe(`Live: OpenAI, model gpt-4o-mini, at ${baseURL}`);
    expect(headings(printed)).toEqual(parts);
    expect(new Set(server.requests.map(({ body }) => body.model))).toEqual(new Set(["gpt-4o-mini", "no-such-model"]));
  });

  test("with --live and a key of Anthropic, it names the model and asks Anthropic", async () => {
    await using server = await provider();
    const { baseURL, apiKey } = server.anthropic;
    const env = { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseURL };
    const { code, printed, complained } = await run("quickstart.ts", ["--live"], env);
    expect(code, complained).toBe(0);
    expect(printed.split("\n")[0]).toBe(`Live: Anthropic, model claude-haiku-4-5, at ${baseURL}`);
    expect(headings(printed)).toEqual(parts);
    expect(new Set(server.requests.map(({ wire }) => wire))).toEqual(new Set(["anthropic"]));
  });

  test("with --live and Ollama alone, it asks the first model that Ollama lists", async () => {
    await using server = await provider();
    const { origin } = new URL(server.openai.baseURL);
    const ollama = createServer((incoming, response) => {
      if (incoming.url === "/api/tags") return void response.end('{ "models": [{ "name": "llama3.2:latest" }] }');
      const { method = "POST", headers } = incoming;
      const onward = request(`${origin}${incoming.url}`, { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      incoming.pipe(onward);
    }).listen(0, "127.0.0.1");
    await once(ollama, "listening");
    const host = `127.0.0.1:${(ollama.address() as AddressInfo).port}`;
    try {
      const { code, printed, complained } = await run("quickstart.ts", ["--live"], { OLLAMA_HOST: host });
      expect(code, complained).toBe(0);
      expect(printed.split("\n")[0]).toBe(`Live: Ollama, model llama3.2:latest, at http://${host}`);
      expect(headings(printed)).toEqual(parts);
      expect(server.requests[0]?.body.model).toBe("llama3.2:latest");
    } finally {
      ollama.closeAllConnections();
      ollama.close();
    }
  });
});
