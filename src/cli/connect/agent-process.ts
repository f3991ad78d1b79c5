import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onAbort } from "../../wait.js";
import { line } from "../line.js";
import type { Printer } from "../output.js";
import type { AgentFile } from "./agent-file.js";
import type { Job, Order, Told } from "./job.js";

/**
 * Does a job in a process of its own, since whatever an agent's module does on import (throw, exit, hang) must not take
 * the command with it.
 *
 * @param limits Milliseconds: to load the module, and for the whole where it is not open-ended. A process that takes longer is killed.
 * @returns The exit code; 1 where the process ended without telling how it went.
 */
export async function runAgent(
  agent: AgentFile,
  job: Job,
  output: Printer,
  limits: { readonly loadMs: number; readonly totalMs?: number | undefined; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const child = fork(mainFile(agent.path), {
    cwd: job.cwd,
    ...(agent.tsconfig !== undefined && { env: { TSX_TSCONFIG_PATH: agent.tsconfig, ...process.env } }),
    execArgv: agent.loader === undefined ? [] : ["--import", agent.loader],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (said) => output.err(line`agent: ${said}`));
  }
  const order = (message: Order) => child.connected && child.send(message, () => {});
  let loaded = false;
  let over = false;
  let cancelLoad = () => {};
  let cancelTotal = () => {};
  const unlink = limits.signal && onAbort(limits.signal, () => order({ type: "stop" }));

  try {
    return await new Promise<number>((resolve) => {
      const late = (what: string) => {
        output.err(`${what} The process was ended.`);
        child.kill("SIGKILL");
        resolve(1);
      };
      cancelLoad = timer(limits.loadMs, () =>
        late(`The agent's module was not loaded within ${limits.loadMs} ms: something in it waits for ever.`),
      );
      if (limits.totalMs !== undefined)
        cancelTotal = timer(limits.totalMs, () => late(`It was not done within ${limits.totalMs} ms.`));
      child.on("message", (told: Told) => {
        if (told.type === "ready") order({ type: "job", job });
        else if (told.type === "loaded") {
          loaded = true;
          cancelLoad();
          if (limits.signal?.aborted) order({ type: "stop" });
        } else if (told.type === "line") output[told.to]?.(told.text);
        else resolve(told.code);
      });
      child.once("error", (error) => {
        output.err(`The process of the agent could not be started: ${error.message}`);
        resolve(1);
      });
      // "close" and not "exit": what it printed last is read by then.
      child.once("close", (code, signal) => {
        if (over) return;
        const how = signal ? `by ${signal}` : `with the code ${code}`;
        output.err(
          `The agent ended its process ${how}${loaded ? "" : " while its module was loaded"}. A module must not exit.`,
        );
        resolve(1);
      });
    });
  } finally {
    over = true;
    cancelLoad();
    cancelTotal();
    unlink?.();
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGKILL");
  await gone;
}

function timer(ms: number, act: () => void): () => void {
  const timeout = setTimeout(act, ms);
  return () => clearTimeout(timeout);
}

/** The agent's own copy of the package where it has one: calls of another copy could not be measured or replaced. */
function mainFile(agentPath: string): string {
  const own = fileURLToPath(new URL("./agent-main.js", import.meta.url));
  try {
    const manifest = createRequire(agentPath).resolve("callwright/package.json");
    const theirs = join(dirname(manifest), "dist/cli/connect/agent-main.js");
    return existsSync(theirs) ? theirs : own;
  } catch {
    return own;
  }
}
