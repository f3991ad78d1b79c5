import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wireServer } from "callwright/testing";
import { describe, expect, test, vi } from "vitest";
import { envOf, project } from "./project.js";

vi.setConfig({ testTimeout: 60_000 });

const library = `
import { call, prompt, promptTemplate, BaseTool } from "callwright";
import { z } from "zod";
export const recommend = call("openai/gpt-4o-mini")(promptTemplate("Recommend a {genre} book.")((_) => {}));
export const claude = call("anthropic/claude-haiku-4-5")((question) => prompt\`\${question}\`);
export const told = call("openai/gpt-4o-mini", { stream: true })(() => prompt\`Tell a story.\`);
export const extract = call("openai/gpt-4o-mini", { responseModel: z.object({ title: z.string() }) })(({ text }) => prompt\`\${text}\`);
export const grown = call("openai/gpt-4o-mini", { responseModel: z.object({ title: z.string() }), stream: true })(() => prompt\`A book.\`);
class FindBook extends BaseTool.of({ title: z.string() }) {}
export const find = call("openai/gpt-4o-mini", { tools: [FindBook] })(() => prompt\`Where is Momo?\`);
export const add = call("openai/gpt-4o-mini")((one, two) => prompt\`\${one} + \${two} is \${typeof one}\`);
export class Shelf {
  #place = "E";
  async lookUp(title) { return this.#place + title; }
}
export const notACall = () => 1;
`;
/** What must not be printed as if it were whole. */
const halves = `
import { call, fallback, tool } from "callwright";
import { script } from "callwright/testing";
import { z } from "zod";
const find = tool({ name: "find", description: "Finds.", input: z.object({ title: z.string() }) })(() => "found");
export const whole = call("openai/gpt-4o-mini", { tools: [find] })(() => "Where is Momo?");
export const streamed = call("openai/gpt-4o-mini", { tools: [find], stream: true })(() => "Where is Momo?");
export const taken = call("openai/gpt-4o-mini", { use: [fallback(script(["It was dark."]))], stream: true })(() => "A story.");
`;
const lastSaid = (body: any) => body.messages.at(-1).content;

describe("what is printed", () => {
  test.each([
    ["recommend", "openai"],
    ["claude", "anthropic"],
  ])("the answer of %s, alone in a pipe", async (name, wire) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({ text: "Momo, by Michael Ende." });
    const ended = await here.runHere(["run", "library.mjs", name, "--genre", "fantasy"], envOf(server));
    expect(ended).toMatchObject({ code: 0, out: "Momo, by Michael Ende.\n" });
    expect(server.requests.map((request) => request.wire)).toEqual([wire]);
  });

  test.each(["whole", "streamed"])("no call of an answer that was cut off, but a warning (%s)", async (name) => {
    using here = project({ "library.mjs": halves });
    await using server = await wireServer();
    server.reply({
      text: "Let me",
      toolCalls: [{ name: "find", args: { title: "Momo" } }],
      finishReason: "length",
    });
    const ended = await here.runHere(["run", "library.mjs", name], envOf(server));
    expect(ended).toMatchObject({ code: 0, out: "Let me\n" });
    expect(ended.err).toContain("Warning: The answer was cut off at the token limit.");
    const json = await here.runHere(["run", "library.mjs", name, "--json"], envOf(server));
    expect(JSON.parse(json.out)).toMatchObject({ content: "Let me", toolCalls: [], finishReason: "length" });
  });

  test("never the halves of two models as one text", async () => {
    using here = project({ "library.mjs": halves });
    await using server = await wireServer();
    server.reply({ text: ["Once ", "upon"], cutAfter: 2 });
    const ended = await here.runHere(["run", "library.mjs", "taken"], envOf(server));
    expect(ended).toMatchObject({ code: 1, out: "Once " });
    expect(ended.err).toContain("took over in the middle of the answer");
  });

  test("a stream piece by piece, as it comes", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    let goOn = () => {};
    const seen = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    server.reply({
      text: (async function* () {
        yield "Once upon ";
        await seen;
        yield "a time.";
      })(),
    });
    const running = here.start(["run", "library.mjs", "told"], envOf(server));
    await running.says(/Once upon /);
    expect(running.printed).not.toContain("a time.");
    goOn();
    expect(await running.ended).toMatchObject({ code: 0, out: "Once upon a time.\n" });
  });

  test.each(["extract", "grown"])("a typed value as JSON: %s", async (name) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({ text: '{"title":"Momo"}' });
    const args = name === "extract" ? ["--text", "A girl who can listen."] : [];
    for (const more of [[], ["--json"]]) {
      const { code, out } = await here.runHere(["run", "library.mjs", name, ...args, ...more], envOf(server));
      expect([code, JSON.parse(out)]).toEqual([0, { title: "Momo" }]);
    }
  });

  test("the tools that are asked for", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({ toolCalls: [{ name: "FindBook", args: { title: "Momo" } }] });
    const { code, out } = await here.runHere(["run", "library.mjs", "find"], envOf(server));
    expect([code, out]).toEqual([0, 'FindBook({"title":"Momo"})\n']);
  });

  test.each(["recommend", "told"])("with --json, what %s said and what it took", async (name) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({ text: "Momo.", usage: { input: 1000, output: 500 } });
    const { code, out } = await here.runHere(["run", "library.mjs", name, "--genre", "x", "--json"], envOf(server));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      content: "Momo.",
      toolCalls: [],
      finishReason: "stop",
      usage: { inputTokens: 1000, outputTokens: 500 },
      cost: 0.00045,
      provider: "openai",
    });
  });

  test("an answer with escape sequences goes into a pipe as it is, and messages have none", async () => {
    using here = project({ "library.mjs": library, "throws.mjs": 'throw new Error("\\u001b[31mred\\u0007");' });
    await using server = await wireServer();
    server.reply({ text: "\u001b[31mred\u001b[0m\r\n" });
    const { out } = await here.runHere(["run", "library.mjs", "recommend", "--genre", "x"], envOf(server));
    expect(out).toBe("\u001b[31mred\u001b[0m\r\n\n");
    const { code, err } = await here.runHere(["run", "throws.mjs"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^Error: \\u001b\[31mred\\u0007\n/)]);
  });

  test("no colours in a pipe, unless FORCE_COLOR asks for them; NO_COLOR wins", async () => {
    using here = project();
    const colours = async (env: Record<string, string>) =>
      (await here.runHere(["run", "missing.mjs"], env)).err.includes("\u001b[31m");
    expect(await colours({})).toBe(false);
    expect(await colours({ FORCE_COLOR: "1" })).toBe(true);
    expect(await colours({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });

  test("no secret of the environment, whatever the module or the server says", async () => {
    using here = project({
      "library.mjs": library,
      "throws.mjs": 'throw new Error("No database at " + process.env.DATABASE_PASSWORD);',
    });
    await using server = await wireServer();
    server.reply({ status: 401, text: `Wrong key ${server.openai.apiKey}` });
    const env = { ...envOf(server), DATABASE_PASSWORD: "s3cr3t-word" };
    const refused = await here.runHere(["run", "library.mjs", "recommend", "--genre", "x"], env);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/AuthenticationError: .*Wrong key \*\*\*/);
    const thrown = await here.runHere(["run", "throws.mjs"], env);
    expect(thrown.err).toMatch(/No database at \*\*\*/);
    expect(`${refused.err}${thrown.err}`).not.toMatch(/s3cr3t|sk-wire/);
  });

  test("where calls go instead of to their providers, without a password", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    const OPENAI_BASE_URL = server.openai.baseURL.replace("//", "//me:pass-word@");
    const { err } = await here.runHere(["run", "library.mjs", "missing"], { OPENAI_BASE_URL });
    expect(err).toMatch(/^OPENAI_BASE_URL is http:\/\/\*\*\*@127\.0\.0\.1:\d+\/v1\.\n/);
  });

  test("a file .env is not read", async () => {
    using here = project({ "library.mjs": library, ".env": "OPENAI_BASE_URL=http://evil.test\nOPENAI_API_KEY=k\n" });
    const { code, err } = await here.runHere(["run", "library.mjs", "recommend", "--genre", "x"]);
    expect(code).toBe(1);
    expect(err).toMatch(/Set OPENAI_API_KEY/);
    expect(err).not.toContain("evil");
  });
});

describe("arguments", () => {
  test.each([
    [["recommend", "--genre", "fantasy"], "Recommend a fantasy book."],
    [["recommend", "--genre=sci-fi & $(id); rm"], "Recommend a sci-fi & $(id); rm book."],
    [["recommend", "--input", '{"genre":"crime"}'], "Recommend a crime book."],
    [["recommend", "--input", '{"genre":"crime"}', "--genre", "poetry"], "Recommend a poetry book."],
    [["recommend", "--genre", "a", "--genre", "b"], 'Recommend a ["a","b"] book.'],
    [["recommend", "--", "--genre", "x"], "Recommend a x book."],
    [["add", "--args", "[1, 2]"], "1 + 2 is number"],
  ])("%j asks %s", async (args, asked) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    const { code, err } = await here.runHere(["run", "library.mjs", ...args], envOf(server));
    expect(code, err).toBe(0);
    expect(lastSaid(server.requests[0]!.body).replaceAll("\n", "").replaceAll('",  "', '","')).toBe(asked);
  });

  test("JSON is read from the standard input", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    const { code } = await here.runHere(
      ["run", "library.mjs", "recommend", "--input", "-"],
      envOf(server),
      '{"genre":"ä"}',
    );
    expect([code, lastSaid(server.requests[0]!.body)]).toEqual([0, "Recommend a ä book."]);
  });

  test.each([
    [["recommend"], /recommend takes an argument\. Give its members as flags/],
    [["recommend", "--genre"], /--genre has no value/],
    [["recommend", "--genre", "--lang", "de"], /--genre has no value\. Where it begins with --, write --genre=value/],
    [["recommend", "fantasy"], /"fantasy" is not a flag\. Write --name value/],
    [["recommend", "--input", "{"], /--input cannot be read/],
    [["recommend", "--input", "[1]", "--genre", "x"], /--input must be a JSON object/],
    [["recommend", "--args", "{}"], /--args takes a JSON list/],
    [["recommend", "--args", "[]", "--genre", "x"], /Give --args alone/],
    [["shelve"], /library\.mjs exports no call shelve\. It exports (\w+, ){6}\w+\./],
    [[], /Which call of library\.mjs\? It exports (\w+, ){6}\w+\./],
    [["recommend", "--genre", "x", "--\u001b[2J"], /"--\\u001b\[2J" is not a flag/],
  ])("%j is wrong: the exit code is 2, and nothing is asked", async (args, problem) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    const { code, err, out } = await here.runHere(["run", "library.mjs", ...args], envOf(server));
    expect([code, out, server.requests]).toEqual([2, "", []]);
    expect(err).toMatch(problem);
    expect(err).not.toContain("\u001b");
  });

  test("a standard input that does not end is refused", async () => {
    using here = project({ "library.mjs": library });
    const running = here.start(["run", "library.mjs", "recommend", "--input", "-"]);
    running.child.stdin.on("error", () => {});
    for (let megabyte = 0; megabyte <= 50; megabyte++) running.child.stdin.write("x".repeat(1e6));
    expect(await running.ended).toMatchObject({ code: 2, err: expect.stringMatching(/more than 50 MB/) });
  });

  test("a member with the name of a prototype is a member", async () => {
    using here = project({
      "a.mjs": `import { call, prompt } from "callwright";
export const ask = call("openai/gpt-4o-mini")((options) => prompt\`\${JSON.stringify(Object.keys(options))} \${String({}.x)}\`);`,
    });
    await using server = await wireServer();
    await here.runHere(["run", "a.mjs", "--__proto__", "1", "--input", '{"__proto__":{"x":1}}'], envOf(server));
    expect(lastSaid(server.requests[0]!.body)).toBe('["__proto__"] undefined');
  });

  test("--model asks another model", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    const args = ["run", "library.mjs", "recommend", "--genre", "x", "--model", "anthropic/claude-haiku-4-5"];
    expect((await here.runHere(args, envOf(server))).code).toBe(0);
    expect(server.requests[0]).toMatchObject({ wire: "anthropic", body: { model: "claude-haiku-4-5" } });
  });
});

describe("files", () => {
  test.each([
    "https://evil.test/x.mjs",
    "data:text/javascript,console.log(1)",
    "node:child_process",
    "file:///etc/passwd",
  ])("%s is refused before anything is loaded", async (file) => {
    using here = project();
    expect(await here.run(["run", file])).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/is a URL/) });
  });

  test("what is outside of the folder is refused, by a path and by a link, unless that is allowed", async () => {
    using here = project();
    const outside = mkdtempSync(join(tmpdir(), "callwright-outside-"));
    writeFileSync(join(outside, "a.mjs"), 'console.log("loaded");');
    symlinkSync(join(outside, "a.mjs"), join(here.cwd, "link.mjs"));
    for (const file of [join(outside, "a.mjs"), "link.mjs"]) {
      const refused = await here.run(["run", file]);
      expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/outside of the project/) });
      expect((await here.run(["run", file, "--allow-outside"])).out).toBe("loaded\n");
    }
    rmSync(outside, { recursive: true });
  });

  test.each([
    ["missing.mjs", /There is no file missing\.mjs/],
    ["notes.txt", /is no JavaScript and no TypeScript/],
    [".", /There is no file \./],
    ["/dev/zero", /outside of the project/],
    ["proxy.mjs", /proxy\.mjs exports no call/],
    ["nothing.mjs", /nothing\.mjs exports no call/],
    ["a\u001b[2J.mjs", /is no path/],
  ])("%j is wrong: the exit code is 2", async (file, problem) => {
    using here = project({
      "notes.txt": "",
      "nothing.mjs": "export const x = 1;",
      "proxy.mjs": "export default new Proxy({}, {});",
    });
    const { code, err } = await here.run(["run", file]);
    expect([code, err]).toEqual([2, expect.stringMatching(problem)]);
    expect(err).not.toContain("\u001b");
  });

  test.runIf(process.platform !== "win32")("one that everybody can change is warned of", async () => {
    using here = project({ "library.mjs": library });
    chmodSync(join(here.cwd, "library.mjs"), 0o666);
    expect((await here.run(["run", "library.mjs"])).err).toMatch(/^Warning: everybody .* chmod o-w library\.mjs/);
  });
});

describe("modules", () => {
  test.each([
    ["throws", 'throw new Error("Not today.");', /^Error: Not today\.\n {4}at .*a\.mjs:1/],
    ["throws no error", "throw { why: 1 };", /^Error: \{ why: 1 \} was thrown/],
    [
      "has a mistake in its syntax",
      "export const = 1;",
      /^SyntaxError: .*\nTo see where, run node --check on the file\.$/m,
    ],
    [
      "imports a name that is not there",
      'import { nothing } from "node:path";',
      /^SyntaxError: .*nothing.*\n {4}at file:.*a\.mjs:1$/m,
    ],
    ["imports what is not there", 'import "./gone.mjs";', /Cannot find module/],
    [
      "leaves a rejection to itself",
      'Promise.reject(new Error("Lost.")); await new Promise((r) => setTimeout(r, 1e5));',
      /^Error: Lost\./,
    ],
    [
      "rejects with a text",
      'Promise.reject("Lost."); await new Promise((r) => setTimeout(r, 1e5));',
      /^Error: Lost\.$/m,
    ],
    [
      "throws later",
      'setTimeout(() => { throw new Error("Late."); }); await new Promise((r) => setTimeout(r, 1e5));',
      /^Error: Late\./,
    ],
    [
      "replaces globals and throws",
      "globalThis.Promise = undefined; JSON.parse = undefined; throw new Error('Ha.');",
      /Ha\./,
    ],
    ["waits for nothing", "await new Promise(() => {});", /a promise of the module was never settled/],
    ["exits", "process.exit(0);", /The module ended the process with the code 0/],
    ["exits in its way", "process.exit(7);", /The module ended the process with the code 7/],
  ])("one that %s is told of, with the exit code 1", async (_, body, problem) => {
    using here = project({ "a.mjs": body });
    const { code, err } = await here.run(["run", "a.mjs"]);
    expect([code, err]).toEqual([1, expect.stringMatching(problem)]);
  });

  test("one that leaves a timer behind ends all the same", async () => {
    using here = project({ "library.mjs": `${library}\nsetInterval(() => {}, 1000);` });
    await using server = await wireServer();
    expect((await here.run(["run", "library.mjs", "add", "--args", "[1,2]"], envOf(server))).code).toBe(0);
  });

  test("a call that fails gives the exit code 1, the error's name and the line of the module", async () => {
    using here = project({
      "a.mjs": `import { call, prompt } from "callwright";
export const ask = call("openai/gpt-4o-mini")(() => { throw new RangeError("Too long."); });`,
    });
    const { code, err } = await here.run(["run", "a.mjs"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^RangeError: Too long\.\n {4}at .*a\.mjs:2/)]);
  });
});

const typescript = `import { call, type CallResponse, type CallStream, prompt } from "callwright";
export class Librarian {
  readonly tone: string = "kindly";
  @call("openai/gpt-4o-mini")
  async recommend({ genre }: { genre: string }): Promise<CallResponse> {
    return prompt\`Recommend \${this.tone} one \${genre} book.\`;
  }
  @call("openai/gpt-4o-mini", { stream: true })
  async tell(): Promise<CallStream> {
    return prompt\`Tell a story.\`;
  }
}
`;

describe.each([
  ["module", "TC39", {}],
  ["module", "legacy", { experimentalDecorators: true }],
  ["commonjs", "TC39", {}],
  ["commonjs", "legacy", { experimentalDecorators: true }],
] as const)("TypeScript in a %s package with %s decorators", (type, _, compilerOptions) => {
  const files = { "library.ts": typescript, "tsconfig.json": JSON.stringify({ compilerOptions }) };

  test("methods of a class are run, whole and streamed", async () => {
    using here = project(files, type);
    await using server = await wireServer();
    server.reply({ text: ["Mo", "mo."] });
    const whole = await here.run(["run", "library.ts", "Librarian.recommend", "--genre", "fantasy"], envOf(server));
    expect(whole, whole.err).toMatchObject({ code: 0, out: "Momo.\n" });
    expect(lastSaid(server.requests[0]!.body)).toBe("Recommend kindly one fantasy book.");
    expect(await here.run(["run", "library.ts", "Librarian.tell"], envOf(server))).toMatchObject({
      code: 0,
      out: "Momo.\n",
    });
    const json = await here.run(["run", "library.ts", "Librarian.tell", "--json"], envOf(server));
    expect(JSON.parse(json.out)).toMatchObject({ content: "Momo.", finishReason: "stop" });
  });

  test("--model and the signal reach the call", async () => {
    using here = project(files, type);
    await using server = await wireServer();
    server.reply({ text: "Once", hangAfter: 1 });
    const args = ["run", "library.ts", "Librarian.tell", "--model", "anthropic/claude-haiku-4-5"];
    const running = here.start(args, envOf(server));
    const request = await server.arrived();
    expect(request.wire).toBe("anthropic");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await request.closed;
    expect(request.aborted).toBe(true);
  });
});

describe.runIf(process.platform !== "win32")("ending", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s aborts the call, which the server sees, with the code %d", async (name, exitCode) => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({ text: ["Once ", "upon"], hangAfter: 3 });
    const running = here.start(["run", "library.mjs", "told"], envOf(server));
    await running.says(/Once/);
    running.child.kill(name);
    const { code, err } = await running.ended;
    expect([code, err.replace(/^.*BASE_URL.*\n/gm, "")]).toEqual([exitCode, ""]);
    const [request] = server.requests;
    await request!.closed;
    expect(request!.aborted).toBe(true);
  });

  test("a call that is aborted tidies up before the process ends", async () => {
    using here = project({
      "a.mjs": `import { call, prompt } from "callwright";
const other = call("openai/gpt-4o-mini")(() => prompt\`Hi.\`);
export const ask = call("openai/gpt-4o-mini")(async () => {
  try { await other(); } catch (error) { await new Promise((r) => setTimeout(r)); console.log("tidied up after", error.name); throw error; }
});`,
    });
    await using server = await wireServer();
    server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const running = here.start(["run", "a.mjs"], envOf(server));
    await server.arrived();
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, out: "tidied up after AbortedError\n" });
  });

  test("a call that does not listen to the signal is left behind", async () => {
    using here = project({
      "a.mjs": `import { call } from "callwright";
export const ask = call("openai/gpt-4o-mini")(async () => { console.log("asked"); await new Promise((r) => setTimeout(r, 1e5)); });`,
    });
    const running = here.start(["run", "a.mjs"]);
    await running.says(/asked/);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
  });

  test("a module that loads for ever is ended by the first signal", async () => {
    using here = project({ "a.mjs": 'console.log("loading"); for (;;);' });
    const running = here.start(["run", "a.mjs"]);
    await running.says(/loading/);
    running.child.kill("SIGINT");
    expect((await running.ended).signal).toBe("SIGINT");
  });

  test("a reader that has seen enough, such as head, ends it quietly", async () => {
    using here = project({ "library.mjs": library });
    await using server = await wireServer();
    server.reply({
      text: (async function* () {
        for (;;) yield "And then. ";
      })(),
    });
    const running = here.start(["run", "library.mjs", "told"], envOf(server));
    await running.says(/And then\./);
    running.child.stdout.destroy();
    const { code, err } = await running.ended;
    expect([code, err.replace(/^.*BASE_URL.*\n/gm, "")]).toEqual([0, ""]);
    await server.requests[0]!.closed;
  });
});
