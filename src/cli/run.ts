import { override } from "../call/override.js";
import { usableCalls, whyIncomplete } from "../incomplete.js";
import type { Middleware, ModelRef } from "../model.js";
import { OutputStream } from "../output/stream.js";
import { CallResponse } from "../response.js";
import { CallStream } from "../stream.js";
import { abortedBy, wait } from "../wait.js";
import { shapeOf } from "./call-shape.js";
import { CliError } from "./cli-error.js";
import { loadModule } from "./load-module.js";
import { findCall } from "./named-call.js";
import { inputReader } from "./read-input.js";
import { argumentsFrom, readFlags } from "./run-arguments.js";
import { aborted, untilSignalled } from "./signals.js";
import type { Terminal } from "./terminal.js";

export interface RunOptions {
  readonly file: string;
  /** `recommend`, or `Librarian.recommend`. @default the only call of the file, or its default export */
  readonly name?: string | undefined;
  readonly flags: readonly string[];
  readonly input?: string | undefined;
  readonly args?: string | undefined;
  /** Prints one JSON value instead of text. @default false */
  readonly json?: boolean | undefined;
  /** Answers instead of the call's own model. */
  readonly model?: string | undefined;
  readonly allowOutside?: boolean | undefined;
}

/** How long a call that is aborted may tidy up. */
const tidyMs = 1000;

/**
 * Runs a call of a module and prints what it makes, streams as they come.
 *
 * @throws CliError for what the command line gets wrong, AbortedError where it is stopped, and what the module and the
 * call throw.
 */
export async function run(options: RunOptions, terminal: Terminal): Promise<void> {
  const { file, name, json = false, model, allowOutside = false } = options;
  // What is wrong with the command line is said before anything of the module runs.
  readFlags(options.flags);
  const loaded = await loadModule(file, allowOutside, terminal);
  const found = findCall(loaded.exports, name, file);
  const { fn, invoke } = found;
  const { list, watched } = await argumentsFrom(options, shapeOf(found, loaded.path), inputReader(terminal));
  if (list.length === 0 && fn.length > 0)
    throw new CliError(`${found.name} takes an argument. Give its members as flags, or JSON with --input or --args.`);
  const { signal, release } = untilSignalled();
  const warn = () => {
    for (const problem of watched?.problems() ?? []) terminal.err(`Warning: ${problem}`, "dim");
  };
  const around = { signal, use: [beforeRequest(warn)], ...(model !== undefined && { model: model as ModelRef }) };
  const show = async () => {
    const made = await override(around, async () => invoke(...list)).finally(warn);
    if (json) terminal.write(`${JSON.stringify(await shownAs(made), undefined, 2)}\n`);
    else await print(made, terminal);
  };
  try {
    await Promise.race([show(), aborted(signal).then(() => wait(tidyMs))]);
  } catch (error) {
    // What the call made of the abort matters less than that it was aborted.
    if (!signal.aborted) throw error;
  } finally {
    release();
  }
  if (signal.aborted) throw abortedBy(signal.reason);
}

async function print(made: unknown, terminal: Terminal): Promise<void> {
  if (CallStream.isInstance(made)) {
    for await (const text of made.textStream()) terminal.write(text);
    terminal.write("\n");
    printEnd(await made.response(), terminal);
  } else if (CallResponse.isInstance(made)) {
    if (made.content !== "") terminal.write(`${made.content}\n`);
    printEnd(made, terminal);
  } else {
    const value = OutputStream.isInstance(made) ? await made.output() : made;
    if (value !== undefined)
      terminal.write(`${typeof value === "string" ? value : JSON.stringify(value, undefined, 2)}\n`);
  }
}

function printEnd(response: CallResponse<unknown>, terminal: Terminal): void {
  for (const { name, arguments: args } of usableCalls(response)) terminal.write(`${name}(${args})\n`);
  const why = whyIncomplete(response);
  if (why !== undefined) terminal.err(`Warning: The answer ${why}.`, "dim");
  const { usage, cost, warnings } = response;
  for (const { message } of warnings) terminal.err(`Warning: ${message}`, "dim");
  const facts = [
    response.model,
    usage && `${usage.inputTokens} tokens in, ${usage.outputTokens} out`,
    cost !== undefined && `$${cost.toPrecision(2)}`,
  ].filter(Boolean);
  // For whoever watches; a pipe gets the answer alone.
  if (terminal.status) terminal.err(facts.join(" · "), "dim");
}

/** What `--json` shows: the value of a typed call, or what an answer says and cost. */
async function shownAs(made: unknown): Promise<unknown> {
  if (OutputStream.isInstance(made)) return made.output();
  const response = CallStream.isInstance(made) ? await made.response() : made;
  if (!CallResponse.isInstance(response)) return response ?? null;
  const { content, finishReason, usage, cost, model, provider, id } = response;
  return { content, toolCalls: usableCalls(response), finishReason, usage, cost, model, provider, id };
}

/** By then the prompt is made, so that all that will be read of the arguments has been read. */
function beforeRequest(act: () => void): Middleware {
  return (model) => ({
    id: model.id,
    run(request) {
      act();
      return model.run(request);
    },
  });
}
