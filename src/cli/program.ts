import { Command, CommanderError } from "commander";
import { AbortedError } from "../errors.js";
import { CliError } from "./cli-error.js";
import { addConnect } from "./connect/add-connect.js";
import { describeError } from "./describe-error.js";
import { examples } from "./help.js";
import { port } from "./options.js";
import { stopCode } from "./signals.js";
import type { Terminal } from "./terminal.js";

/**
 * Runs the command line.
 *
 * @returns The exit code: 0; 1 if something failed; 2 if the command line is wrong; 3 if checks were not judged; 130 or 143
 * if it was stopped by SIGINT or SIGTERM.
 */
export async function runProgram(argv: readonly string[], version: string, terminal: Terminal): Promise<number> {
  let code = 0;
  const program = createProgram(version, terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    // Commander has printed what is wrong already; help and the version are no failures.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof AbortedError) return stopCode(error.reason);
    terminal.err(describeError(error), "red");
    return error instanceof CliError ? 2 : 1;
  }
}

// What a command needs is loaded when it runs: `run` should not wait for what only `serve` or `mock` needs.
export function createProgram(version: string, terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command("callwright")
    .description("Run, serve and test calls of language models.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .showHelpAfterError("Add --help for what there is.")
    .addHelpText("after", examples.program);

  program
    .command("run")
    .summary("Run a call of a file and print what it makes.")
    .description("Run a call of a file and print what it makes, streams as they come.")
    .argument("<file>", "a module of JavaScript or TypeScript")
    .argument("[export]", "the call, such as recommend or Librarian.recommend (default: the only one)")
    .allowUnknownOption()
    .allowExcessArguments()
    .option("--input <json>", "the call's one argument; - reads it from the standard input, @file from a file")
    .option("--args <json>", "the list of all arguments, for calls with several; - or @file as above")
    .option("--json", "print one JSON value: a typed value, or the answer with usage and cost")
    .option("--model <provider/name>", "answer with this model instead of the call's own")
    .option("--allow-outside", "let the file be outside of this folder")
    .addHelpText("after", examples.run)
    .action(async (file: string, given: string | undefined, options, command: Command) => {
      // Commander takes the first flag for the export where none is named.
      const name = given?.startsWith("-") ? undefined : given;
      const flags = command.args.slice(name === undefined ? 1 : 2);
      const { run } = await import("./run.js");
      await run({ ...options, file, name, flags }, terminal);
    });

  program
    .command("serve")
    .description("Serve what a file exports as an OpenAI-compatible endpoint.")
    .argument("<file>", "a module of JavaScript or TypeScript")
    .option("--port <port>", "0 takes a free one", port, 8787)
    .option("--host <host>", "other than a name of this machine needs a key, in CALLWRIGHT_API_KEY", "127.0.0.1")
    .option("--cors <origin...>", "origins whose pages may ask (default: none)")
    .option("--allow-outside", "let the file be outside of this folder")
    .addHelpText("after", examples.serve)
    .action(async (file: string, options) => {
      const { serve } = await import("./serve.js");
      await serve({ ...options, file, apiKey: terminal.env.CALLWRIGHT_API_KEY }, terminal);
    });

  program
    .command("mock")
    .description("Play OpenAI and Anthropic on 127.0.0.1, with scripted answers and faults.")
    .option("--port <port>", "0 takes a free one", port, 8788)
    .option("--script <file>", "replies in order; the last one repeats")
    .option("--text <text>", "what every reply says")
    .option("--fault <name>", "what goes wrong with every reply, such as stall or truncate")
    .option("--no-strict", "also answer requests that the real API would refuse")
    .option("--quiet", "print no requests")
    .addHelpText("after", examples.mock)
    .action(async (options) => {
      const { mock } = await import("./mock.js");
      await mock(options, terminal);
    });

  addConnect(program, terminal, done);
  return program;
}
