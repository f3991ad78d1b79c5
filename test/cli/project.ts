import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { WireServer } from "callwright/testing";
import { runProgram } from "../../src/cli/program.js";
import { terminalOf } from "../../src/cli/terminal.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const bin = join(root, "dist/cli/main.js");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it printed so far, to both. */
  readonly printed: string;
  /** Resolves as soon as it has printed this. */
  says(what: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ended>;
}

/** A folder in which callwright is installed, and the command line in it. */
export interface Project extends Disposable {
  readonly cwd: string;
  write(file: string, text: string): string;
  /** Starts the built command in a process of its own. Nothing of the environment is handed on but what is given. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  run(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Promise<Ended>;
  /** The same in this process, which is much quicker: for all that does not depend on how a process ends, and no TypeScript. */
  runHere(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Promise<Ended>;
}

export function project(files: Readonly<Record<string, string>> = {}, type: "module" | "commonjs" = "module"): Project {
  const cwd = mkdtempSync(join(tmpdir(), "callwright-cli-"));
  const running = new Set<Running["child"]>();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
    return join(cwd, file);
  };
  write("package.json", JSON.stringify({ type }));
  for (const [file, text] of Object.entries(files)) write(file, text);
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(root, join(cwd, "node_modules/callwright"), "junction");
  for (const name of ["tsx", "zod"])
    symlinkSync(join(root, "node_modules", name), join(cwd, "node_modules", name), "junction");

  const start: Project["start"] = (args, env = {}) => {
    const { PATH = "", SystemRoot = "" } = process.env;
    const child = spawn(process.execPath, [bin, ...args], { cwd, env: { PATH, SystemRoot, HOME: cwd, ...env } });
    running.add(child);
    const said = { out: "", err: "", all: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said.out += text;
      said.all += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said.err += text;
      said.all += text;
    });
    const ended = once(child, "close").then(([code, signal]) => {
      running.delete(child);
      return { code, signal, out: said.out, err: said.err };
    });
    return {
      child,
      get printed() {
        return said.all;
      },
      async says(what) {
        for (;;) {
          const found = said.all.match(what);
          if (found) return found;
          const over = await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
          if ("code" in over && !said.all.match(what)) throw new Error(`It ended without saying ${what}: ${said.all}`);
        }
      },
      ended,
    };
  };
  return {
    cwd,
    write,
    start,
    async run(args, env, input) {
      const { child, ended } = start(args, env);
      child.stdin.end(input ?? "");
      return ended;
    },
    async runHere(args, env = {}, input = "") {
      const said = { out: "", err: "" };
      const into = (name: "out" | "err") => ({
        write(text: string) {
          said[name] += text;
        },
      });
      const stdin = (async function* () {
        yield input;
      })();
      const terminal = terminalOf({ stdout: into("out"), stderr: into("err"), stdin, env, cwd: () => cwd });
      // The SDKs and callwright's own access read the environment of the process.
      const before = process.env;
      process.env = { PATH: before.PATH, ...env };
      try {
        return { code: await runProgram(args, "0.0.0", terminal), signal: null, ...said };
      } finally {
        process.env = before;
      }
    },
    [Symbol.dispose]() {
      for (const child of running) child.kill("SIGKILL");
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** What makes both SDKs ask the server. */
export function envOf(server: WireServer): Record<string, string> {
  const { openai, anthropic } = server;
  return {
    OPENAI_BASE_URL: openai.baseURL,
    OPENAI_API_KEY: openai.apiKey,
    ANTHROPIC_BASE_URL: anthropic.baseURL,
    ANTHROPIC_API_KEY: anthropic.apiKey,
  };
}
