import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { init } from "../../src/cli/connect/init.js";
import { start } from "../../src/cli/connect/start.js";
import { templateNames } from "../../src/cli/connect/templates.js";
import { test as tryOut } from "../../src/cli/connect/test.js";
import { project } from "./project.js";

// Each starts a process or two, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const posix = process.platform !== "win32";
let cwd = "";
let printed: string[] = [];
const output = { out: (line: string) => void printed.push(line), err: (line: string) => void printed.push(line) };
const text = () => printed.join("\n");
const inside = (file: string) => join(cwd, file);
const write = (file: string, content: string) => writeFileSync(inside(file), content);
const agentOf = (body: string) => write("a.mjs", `import { defineAgent } from "callwright/connect";\n${body}\n`);

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "callwright-project-"));
  mkdirSync(inside("node_modules"));
  symlinkSync(root, inside("node_modules/callwright"), "junction");
  write("package.json", '{ "type": "module" }');
  printed = [];
  for (const name of ["OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "CI"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true });
});

describe("init", () => {
  test.each(["basic", "stream", "session"] as const)(
    "the agent of the template %s works, against a server and offline",
    async (template) => {
      await using server = await wireServer();
      server.reply({ text: ["I am ", "here."] });
      vi.stubEnv("OPENAI_BASE_URL", server.openai.baseURL);
      vi.stubEnv("OPENAI_API_KEY", server.openai.apiKey);
      expect(await init({ cwd, template }, output)).toBe(0);
      expect(await tryOut({ cwd }, output)).toBe(0);
      expect(text()).toContain("Agent: I am here.");
      expect(server.requests[0]?.body.messages[0]).toEqual({
        role: "system",
        content: "You are a helpful assistant. Be brief.",
      });
      expect(await tryOut({ cwd, offline: true }, output)).toBe(0);
      expect(server.requests).toHaveLength(1);
      expect(text()).toContain("Agent: (offline) You said: Hello! Are you there?");
    },
  );

  test("a TypeScript project gets TypeScript, which tsx loads", async () => {
    write("package.json", '{ "type": "module", "devDependencies": { "tsx": "4" } }');
    write("tsconfig.json", "{}");
    symlinkSync(`${root}node_modules/tsx`, inside("node_modules/tsx"), "junction");
    expect(await init({ cwd, template: "session" }, output)).toBe(0);
    expect(existsSync(inside("agent.ts"))).toBe(true);
    expect(await tryOut({ cwd, offline: true }, output), text()).toBe(0);
  });

  test("an agent with decorators is loaded from TypeScript", async () => {
    write(
      "a.ts",
      `import { call, type CallResponse, prompt } from "callwright";
import { defineAgent } from "callwright/connect";
class Library { @call("openai/gpt-4o-mini") async answer(question: string): Promise<CallResponse> { return prompt\`\${question}\`; } }
const library = new Library();
export default defineAgent((_, { prompt: question }) => library.answer(question));`,
    );
    expect(await tryOut({ cwd, agent: "./a.ts", offline: true }, output), text()).toBe(0);
  });

  test.each(["module", "commonjs"])("so it is in a %s package, offline and with another model", async (type) => {
    await using server = await wireServer();
    vi.stubEnv("ANTHROPIC_BASE_URL", server.anthropic.baseURL);
    vi.stubEnv("ANTHROPIC_API_KEY", server.anthropic.apiKey);
    write("package.json", JSON.stringify({ type }));
    write(
      "a.ts",
      `import { call, type CallStream, type Message } from "callwright";
import { defineAgent } from "callwright/connect";
class Library { @call("openai/gpt-4o-mini", { stream: true }) async answer(messages: readonly Message[]): Promise<CallStream> { return messages as never; } }
const library = new Library();
export default defineAgent(async (messages) => (await (await library.answer(messages)).response()).content);`,
    );
    expect(await tryOut({ cwd, agent: "./a.ts", offline: true }, output), text()).toBe(0);
    expect(text()).toContain("Agent: (offline) You said: Hello!");
    expect(await tryOut({ cwd, agent: "./a.ts", model: "anthropic/claude-haiku-4-5" }, output), text()).toBe(0);
    expect(text()).toContain("Agent: Hello from the wire server.");
  });

  test("the key file is for its owner only, and git ignores it, however often init is run", async () => {
    write(".gitignore", "dist");
    expect(await init({ cwd, apiKey: "sg-key" }, output)).toBe(0);
    expect(await init({ cwd, name: "other", apiKey: "sg-other" }, output)).toBe(0);
    if (posix) expect(statSync(inside(".callwright/key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(inside(".callwright/key"), "utf8")).toBe("SNOWGLOBE_API_KEY=sg-key\n");
    expect(readFileSync(inside(".gitignore"), "utf8")).toBe("dist\n.callwright/key\n.callwright/runs/\n");
    expect(Object.keys(JSON.parse(readFileSync(inside(".callwright/agents.json"), "utf8")).agents)).toEqual([
      "agent",
      "other",
    ]);
    expect(text()).not.toContain("sg-");
  });

  test("a file that is there is never overwritten, and then nothing else is written", async () => {
    write("agent.mjs", "mine");
    expect(await init({ cwd }, output)).toBe(2);
    expect(text()).toMatch(/agent\.mjs is there already, and nothing was written/);
    expect(readFileSync(inside("agent.mjs"), "utf8")).toBe("mine");
    expect(readdirSync(cwd).sort()).toEqual(["agent.mjs", "node_modules", "package.json"]);
  });

  test.each(["../agent.mjs", "/agent.mjs", "link/agent.mjs", "dead.mjs"])(
    "a file outside of the project is refused: %s",
    async (file) => {
      const outside = mkdtempSync(join(tmpdir(), "callwright-outside-"));
      symlinkSync(outside, inside("link"), "junction");
      symlinkSync(join(outside, "later.mjs"), inside("dead.mjs"));
      expect(await init({ cwd, file }, output)).toBe(2);
      expect(text()).toMatch(/lies outside of the project|is there already/);
      expect(readdirSync(outside)).toEqual([]);
      expect(existsSync(inside(".callwright"))).toBe(false);
      rmSync(outside, { recursive: true });
    },
  );

  test("a folder .callwright that leads out of the project is refused", async () => {
    const outside = mkdtempSync(join(tmpdir(), "callwright-outside-"));
    symlinkSync(outside, inside(".callwright"), "junction");
    expect(await init({ cwd }, output)).toBe(2);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  test.each([{ name: "../x" }, { name: "a b" }, { template: "other" as never }])("%j is refused", async (wrong) => {
    expect(await init({ cwd, ...wrong }, output)).toBe(2);
    expect(existsSync(inside(".callwright"))).toBe(false);
  });
});

describe("test", () => {
  test.each([
    ["undefined", "undefined"],
    ["content", '{ content: "Hello." }'],
    ["a number", "{ response: 7 }"],
    ["a stub", '{ response: "This is a string response from your application" }'],
    ["an empty text", '{ response: "" }'],
  ])("an agent that gives %s fails, and the message names response", async (_, reply) => {
    agentOf(`export default defineAgent({ completion: () => (${reply}) });`);
    expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(1);
    expect(text()).toMatch(/gave no response: .*response/);
  });

  test.each(templateNames)(
    "without a key, what init wrote of the template %s is answered by echoes, and that is told",
    async (template) => {
      await init({ cwd, template }, output);
      printed = [];
      expect(await tryOut({ cwd }, output)).toBe(0);
      expect(text()).toMatch(/No OPENAI_API_KEY is set[\s\S]*No model was asked/);
      expect(await start({ cwd, scenarios: "scenarios.yaml" }, output)).toBe(0);
      expect(text()).toMatch(/No OPENAI_API_KEY is set[\s\S]*Offline: no model is asked/);
    },
  );

  test("without a key, an agent that was worked on fails, and is told how to go on without one", async () => {
    await init({ cwd }, output);
    write("agent.mjs", readFileSync(inside("agent.mjs"), "utf8").replace("Be brief.", "Be friendly."));
    for (const act of [tryOut, start]) {
      printed = [];
      expect(await act({ cwd, scenarios: "scenarios.yaml" }, output)).toBe(1);
      expect(text()).toMatch(/OPENAI_API_KEY[\s\S]*without a key and without a model, add --offline/);
      expect(text()).not.toContain("No model was asked");
    }
  });

  test("without a key, a server, a model, a user or a judge that was named is asked all the same, and fails", async () => {
    await init({ cwd }, output);
    expect(await tryOut({ cwd, model: "anthropic/claude-haiku-4-5" }, output)).toBe(1);
    expect(await start({ cwd, scenarios: "scenarios.yaml", judge: "openai/gpt-4o" }, output)).toBe(1);
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    expect(await tryOut({ cwd }, output)).toBe(1);
    expect(text()).not.toContain("No model was asked");
  });

  test.each([
    ["throws", 'throw new Error("No database at " + process.env.DATABASE_TOKEN);', /Error: No database at \*\*\*/],
    ["exits", "process.exit(0);", /ended its process with the code 0 while its module was loaded/],
    [
      "kills itself",
      'process.kill(process.pid, "SIGKILL"); await new Promise(() => setTimeout(() => {}, 9e5));',
      /ended its process by SIGKILL/,
    ],
    ["cannot be parsed", "export default {", /SyntaxError/],
    [
      "replaces globals and throws",
      "process.send = () => {}; globalThis.Promise = undefined; JSON.parse = () => { throw 1 }; throw new Error('Ha.');",
      /Ha\.|ended its process/,
    ],
  ])("a module that %s is told of, with the exit code 1", async (_, body, problem) => {
    vi.stubEnv("DATABASE_TOKEN", "s3cr3t-value");
    write("a.mjs", body);
    expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(1);
    expect(text()).toMatch(problem);
    expect(text()).not.toContain("s3cr3t");
  });

  test.each([
    ["nothing", "export const x = 1;"],
    ["a Proxy", "export default new Proxy({}, { get: () => undefined });"],
  ])("a module that exports %s is no agent, which gives the exit code 2", async (_, body) => {
    write("a.mjs", body);
    expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(2);
    expect(text()).toMatch(/exports no agent/);
  });

  test.each([
    ["by waiting", "setInterval(() => {}, 1000); await new Promise(() => {});"],
    ["in a loop", "for (;;);"],
    ["on a promise that nobody keeps", "await new Promise(() => {});"],
  ])("a module that hangs %s is ended", async (_, body) => {
    write("a.mjs", body);
    expect(await tryOut({ cwd, agent: "./a.mjs", loadMs: 1000 }, output)).toBe(1);
    expect(text()).toMatch(/not loaded within 1000 ms/);
  });

  test("an agent that gives no answer in time is told of", async () => {
    agentOf("export default defineAgent({ completion: () => new Promise(() => {}) });");
    expect(await tryOut({ cwd, agent: "./a.mjs", timeoutMs: 100 }, output)).toBe(1);
    expect(text()).toMatch(/within 100 ms/);
  });

  test.each([
    "https://evil.test/x.mjs",
    "data:text/javascript,export default 1",
    "node:child_process",
    "file:///etc/passwd",
    "../outside.mjs",
    "/etc/hostname",
  ])("%s is refused before anything is loaded", async (agent) => {
    expect(await tryOut({ cwd, agent }, output)).toBe(2);
    expect(text()).toMatch(/is a URL|outside of the project/);
    expect(text()).not.toMatch(/^Agent:/m);
  });

  test("a link that leads out of the project is refused, unless that is allowed", async () => {
    const outside = mkdtempSync(join(tmpdir(), "callwright-outside-"));
    writeFileSync(join(outside, "a.mjs"), 'export default { completion: () => ({ response: "From outside." }) };');
    symlinkSync(join(outside, "a.mjs"), inside("a.mjs"));
    mkdirSync(join(outside, "node_modules"));
    symlinkSync(root, join(outside, "node_modules/callwright"), "junction");
    expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(2);
    expect(await tryOut({ cwd, agent: "./a.mjs", allowOutside: true }, output)).toBe(0);
    expect(text()).toContain("Agent: From outside.");
    rmSync(outside, { recursive: true });
  });

  test.runIf(posix)(
    "a file that everybody can change is warned of, and its path printed before it is loaded",
    async () => {
      agentOf('console.log("loaded"); export default defineAgent(() => "Hi.");');
      chmodSync(inside("a.mjs"), 0o666);
      expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(0);
      expect(text()).toMatch(/Warning: everybody[\s\S]*Agent: .*a\.mjs[\s\S]*agent: loaded/);
    },
  );

  test("what an agent prints cannot steer the terminal", async () => {
    agentOf('console.log("\\u001b]0;evil\\u0007 \\u202Eabc"); export default defineAgent(() => "\\u001b[31mHi.");');
    expect(await tryOut({ cwd, agent: "./a.mjs" }, output)).toBe(0);
    expect(text()).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  test("TypeScript without tsx is told what to install", async () => {
    // A copy of the package beside which there is no tsx.
    const packages = inside("bare/node_modules");
    cpSync(`${root}dist`, `${packages}/callwright/dist`, { recursive: true });
    cpSync(`${root}package.json`, `${packages}/callwright/package.json`);
    for (const name of Object.keys(JSON.parse(readFileSync(`${root}package.json`, "utf8")).dependencies)) {
      mkdirSync(dirname(`${packages}/${name}`), { recursive: true });
      symlinkSync(`${root}node_modules/${name}`, `${packages}/${name}`, "junction");
    }
    write("bare/a.ts", "export default 1;");
    const { test: tried } = await import(/* @vite-ignore */ `${packages}/callwright/dist/cli/connect/test.js`);
    expect(await tried({ cwd: inside("bare"), agent: "./a.ts" }, output)).toBe(2);
    expect(text()).toMatch(
      /a\.ts is TypeScript, and tsx, which loads it, is not installed. Run npm install --save-dev tsx/,
    );
  });

  test("an agent that nobody knows is named with those that are known", async () => {
    expect(await tryOut({ cwd }, output)).toBe(2);
    expect(text()).toMatch(/no agent yet. Run connect init/);
    await init({ cwd }, output);
    await init({ cwd, name: "second" }, output);
    expect(await tryOut({ cwd, agent: "third" }, output)).toBe(2);
    expect(await tryOut({ cwd }, output)).toBe(2);
    expect(text()).toMatch(/Known are agent, second/);
  });
});

test.runIf(posix)("an agent that is asked does not outlive a command that is ended", async () => {
  using here = project({
    "a.mjs": `console.log("pid", process.pid, "."); export default { completion: () => new Promise((r) => setTimeout(r, 1e6)) };`,
  });
  const running = here.start(["connect", "test", "--agent", "./a.mjs"]);
  const [, pid] = await running.says(/agent: pid (\d+)/);
  running.child.kill("SIGINT");
  expect((await running.ended).signal).toBe("SIGINT");
  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"), 10_000);
});

test.each(["model", "user", "judge"])("--offline beside --%s is refused with the exit code 2", async (option) => {
  using here = project();
  const { code, err } = await here.run(["connect", "start", "--offline", `--${option}`, "openai/gpt-4o"]);
  expect([code, err]).toEqual([2, expect.stringMatching(/--offline' cannot be used with option/)]);
});

describe("start", () => {
  const scenarios = (checks: string) =>
    write(
      "s.yaml",
      `scenarios:\n  - id: one\n    turns: [Say hello.]\n    checks: [${checks}]\n  - id: two\n    turns: [Ho.]\n`,
    );

  test("what init wrote runs offline and leaves a report, in which judges have not judged", async () => {
    await init({ cwd }, output);
    expect(await start({ cwd, scenarios: "scenarios.yaml", offline: true }, output), text()).toBe(0);
    expect(text()).toMatch(/Offline: no model is asked/);
    expect(text()).toMatch(/– 1 of 2 conversations passed; 1 not judged\n.*2 of 3 checks hold, 1 not judged/);
    const [run] = readdirSync(inside(".callwright/runs"));
    expect(readdirSync(inside(`.callwright/runs/${run}`)).sort()).toEqual(["report.html", "transcripts.jsonl"]);
    const report = readFileSync(inside(`.callwright/runs/${run}/report.html`), "utf8");
    expect(report).toContain('<span class="badge unjudged">1 of 2 not judged</span>');
    expect(report).toContain("offline: no model was asked");
  });

  test("a check that fails gives the exit code 1, and says which", async () => {
    agentOf("export default defineAgent((_, { prompt }) => prompt);");
    scenarios("{ contains: goodbye }");
    expect(await start({ cwd, agent: "./a.mjs", scenarios: "s.yaml", folder: inside("out") }, output)).toBe(1);
    expect(text()).toMatch(/✗ one: contains "goodbye" — The answer does not\./);
    expect(text()).toMatch(/✗ 1 of 2 conversations passed; 1 failed/);
    expect(existsSync(inside("out/report.html"))).toBe(true);
  });

  test("an agent that gives no answer gives the exit code 1", async () => {
    agentOf('export default defineAgent(() => { throw new Error("Out of order."); });');
    scenarios("");
    expect(await start({ cwd, agent: "./a.mjs", scenarios: "s.yaml" }, output)).toBe(1);
    expect(text()).toMatch(/2 without an answer/);
  });

  test("another model answers in place of the agent's own, and the tokens are counted", async () => {
    await using server = await wireServer();
    server.reply({ text: "Hello.", usage: { input: 1000, output: 500 } });
    vi.stubEnv("ANTHROPIC_BASE_URL", server.anthropic.baseURL);
    vi.stubEnv("ANTHROPIC_API_KEY", server.anthropic.apiKey);
    await init({ cwd }, output);
    scenarios("{ contains: hello }");
    expect(await start({ cwd, scenarios: "s.yaml", model: "anthropic/claude-haiku-4-5" }, output), text()).toBe(0);
    expect(text()).toContain("agent: 3,000 tokens, $0.0070");
  });

  test("scenarios that cannot be read are refused before the agent is loaded", async () => {
    agentOf('console.log("loaded"); export default defineAgent(() => "Hi.");');
    write("s.yaml", "scenarios:\n  - id: a\n    turn: [Hi]\n");
    expect(await start({ cwd, agent: "./a.mjs", scenarios: "s.yaml" }, output)).toBe(2);
    expect(text()).toMatch(/s\.yaml:3: scenarios\[0\]\.turn is not known\. Did you mean turns\?/);
    expect(text()).not.toContain("agent: loaded");
  });

  test("an agent as init wrote it, without a key, passes nothing in CI", async () => {
    await init({ cwd }, output);
    vi.stubEnv("CI", "1");
    write("s.jsonl", JSON.stringify({ id: "a", turns: ["Hi."], checks: [{ contains: "Hi" }] }));
    expect(await start({ cwd, scenarios: "s.jsonl" }, output)).toBe(3);
    expect(await tryOut({ cwd }, output)).toBe(3);
    expect(text()).toMatch(/No model was asked, so the exit code is 3/);
    vi.stubEnv("CI", "false");
    expect(await tryOut({ cwd }, output)).toBe(0);
  });

  test("without scenarios, an application or a key, it says what is missing", async () => {
    vi.stubEnv("SNOWGLOBE_API_KEY", "");
    await init({ cwd }, output);
    expect(await start({ cwd }, output)).toBe(2);
    expect(text()).toMatch(/--scenarios, or the application of Snowglobe/);
    expect(await start({ cwd, appId: "a" }, output)).toBe(2);
    expect(text()).toMatch(/Set SNOWGLOBE_API_KEY, or write it to \.callwright\/key/);
  });

  test.runIf(posix).each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s lets what runs be delivered, counts what was not begun, and exits with %d",
    async (name, exitCode) => {
      agentOf(`export default defineAgent(async (_, { prompt }) => {
      console.log("asked " + prompt);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return prompt;
    });`);
      write(
        "s.jsonl",
        Array.from({ length: 9 }, (_, index) => JSON.stringify({ id: `s${index}`, turns: ["One.", "Two."] })).join(
          "\n",
        ),
      );
      const commands = `${root}dist/cli`;
      const main = `
      import { start } from "${commands}/connect/start.js";
      import { untilSignalled } from "${commands}/signals.js";
      const { signal, release } = untilSignalled();
      const output = { out: (line) => console.log(line), err: (line) => console.log(line) };
      process.exitCode = await start({ cwd: ${JSON.stringify(cwd)}, agent: "./a.mjs", scenarios: "s.jsonl", concurrency: 3, signal, folder: "${cwd}/out" }, output);
      release();`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", main], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (data) => {
        if (!said.includes("asked") && `${said}${data}`.includes("asked")) child.kill(name);
        said += data;
      });
      const [code] = await once(child, "close");
      expect([code, said.match(/asked/g)?.length], said).toEqual([exitCode, 3]);
      expect(said).toContain("– 0 of 9 conversations passed; 9 not finished");
      const lines = readFileSync(inside("out/transcripts.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(lines.filter(({ turns }) => turns.length === 1 && turns[0].agent === "One.")).toHaveLength(3);
    },
  );
});
