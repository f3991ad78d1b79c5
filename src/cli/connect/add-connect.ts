import { type Command, Option } from "commander";
import { examples } from "../help.js";
import { count } from "../options.js";
import { untilSignalled } from "../signals.js";
import type { Terminal } from "../terminal.js";
import { languages, templateNames } from "./templates.js";

/** `connect init`, `connect test` and `connect start`. `done` takes their exit codes. */
export function addConnect(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const { cwd } = terminal;
  const command = program
    .command("connect")
    .description("Let simulated users talk to an agent, and check what it says.");

  command
    .command("init")
    .description("Write an agent, scenarios, and what the project remembers of both. Nothing is overwritten.")
    .addOption(new Option("--template <name>", "what the agent is like").choices(templateNames).default("basic"))
    .option("--name <name>", "the agent's name", "agent")
    .option("--file <path>", "where the agent is written (default: its name)")
    .addOption(
      new Option("--language <language>", "default: ts where the project has tsx and a tsconfig.json").choices(
        languages,
      ),
    )
    .option("--app-id <id>", "the application of Snowglobe that it stands for")
    .option("--allow-outside", "let the file be outside of the project")
    .option("--yes", "for scripts; nothing is ever asked")
    .addHelpText("after", examples.init)
    .action(async ({ yes: _, ...options }) => {
      const { init } = await import("./init.js");
      done(await init({ cwd, ...options }, terminal));
    });

  const shared = (name: string, description: string, timeoutMs: number) =>
    command
      .command(name)
      .description(description)
      .option("--agent <name-or-path>", "which agent (default: the only one of the project)")
      .option("--model <provider/name>", "answer with this model instead of the agent's own")
      .addOption(
        new Option("--offline", "ask no model: answers are echoes, and nothing is judged").conflicts([
          "model",
          "user",
          "judge",
        ]),
      )
      .option("--timeout-ms <ms>", `the longest that one answer may take (default: ${timeoutMs})`, count)
      .option("--load-ms <ms>", "the longest that loading the agent may take (default: 30000)", count)
      .option("--strict", "exit with 3 if no model was asked or a check was not judged (default: in CI)")
      .option("--no-strict", "exit with 0 then, also in CI")
      .option("--allow-outside", "let the agent be outside of the project");

  shared("test", "Load an agent and ask it one thing.", 60_000)
    .addHelpText("after", examples.test)
    .action(async (options) => {
      const { test } = await import("./test.js");
      done(await test({ cwd, ...options }, terminal));
    });

  shared(
    "start",
    "Let users of a file, or of Snowglobe, talk to an agent. The exit code is 1 if a check fails.",
    120_000,
  )
    .option("--scenarios <file>", "who talks to the agent, in YAML or JSONL; without it, Snowglobe says")
    .option("--concurrency <n>", "conversations at the same time (default: 10)", count)
    .option("--user <provider/name>", "the model that plays users who are not scripted (default: openai/gpt-4o-mini)")
    .option("--judge <provider/name>", "the model that decides checks in words (default: openai/gpt-4o-mini)")
    .option("--folder <path>", "where the transcript and the report go (default: below .callwright/runs)")
    .option("--app-id <id>", "the application of Snowglobe")
    .addHelpText("after", examples.start)
    .action(async (options) => {
      const { signal, release } = untilSignalled();
      try {
        const { start } = await import("./start.js");
        done(await start({ cwd, ...options, signal }, terminal));
      } finally {
        release();
      }
    });
}
