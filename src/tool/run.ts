import { madeMessage, madePart } from "../brand.js";
import type { ToolResultPart } from "../content.js";
import { ToolError } from "../errors.js";
import type { Message } from "../message.js";
import { checkConcurrency } from "../numbers.js";
import { formatIssues } from "../schema/validate.js";
import { runInScope } from "../scope.js";
import { abortedBy, linkSignals, longestTimer } from "../wait.js";
import { messageOf, toResultContent } from "./result.js";
import type { Binding, InvalidToolCall } from "./toolkit.js";

/** How the tools of one answer are run. */
export interface RunOptions {
  /** Each of them aborts all tools. */
  readonly signals: readonly AbortSignal[];
  /** How many run at the same time. @default all */
  readonly concurrency?: number | undefined;
  /** The conversation, for the tools to read. */
  readonly messages: readonly Message[];
  /** The names on offer, told to a model that asks for another. */
  readonly names: readonly string[];
}

/**
 * Runs the calls of an answer at the same time and gives one tool message for each, in their order. A tool that fails
 * gives an error result, so that the model learns of it.
 *
 * @throws AbortedError as soon as a signal aborts; the tools learn of it by theirs.
 */
export async function runBindings(bindings: readonly Binding[], options: RunOptions): Promise<Message[]> {
  const { concurrency = Number.POSITIVE_INFINITY } = options;
  checkConcurrency({ concurrency });
  const { controller, unlink } = linkSignals(options.signals);
  const { signal } = controller;
  const results: Message[] = [];
  let next = 0;
  const worker = async () => {
    while (next < bindings.length && !signal.aborted) {
      const position = next++;
      const result = await runBinding(bindings[position] as Binding, signal, options);
      results[position] = madeMessage.put({ role: "tool", content: [madePart.put(result)] });
    }
  };
  try {
    const workers = Array.from({ length: Math.min(concurrency, bindings.length) }, worker);
    await rejectOnAbort(Promise.all(workers), signal);
    return results;
  } catch (error) {
    throw signal.aborted ? abortedBy(signal.reason) : error;
  } finally {
    unlink();
  }
}

async function runBinding(binding: Binding, outer: AbortSignal, options: RunOptions): Promise<ToolResultPart> {
  if ("invalid" in binding) return failed(binding.invalid.toolCall, describeInvalid(binding.invalid, options.names));
  const { toolCall } = binding.tool;
  const { id, name } = toolCall;
  const { controller, unlink } = linkSignals([outer]);
  const { timeoutMs } = binding;
  const tooLong = () =>
    controller.abort(new ToolError(`The tool ${name} took longer than ${timeoutMs} ms.`, { toolCall }));
  // Not one of the timers that let the process end: a tool that only waits has nothing else to keep it alive.
  const timer = timeoutMs === undefined ? undefined : setTimeout(tooLong, Math.min(timeoutMs, longestTimer));
  try {
    const { signal } = controller;
    // Calls that the tool makes are aborted with it.
    const call = async () => binding.tool.call({ signal, callId: id, messages: options.messages });
    const value = await rejectOnAbort(runInScope({ signal }, call), signal);
    return { type: "tool-result", id, name, content: toResultContent(name, value) };
  } catch (error) {
    return failed(toolCall, messageOf(error));
  } finally {
    clearTimeout(timer);
    unlink();
  }
}

function failed({ id, name }: { id: string; name: string }, content: string): ToolResultPart {
  return { type: "tool-result", id, name, content, isError: true };
}

function describeInvalid({ reason, toolCall, issues }: InvalidToolCall, names: readonly string[]): string {
  if (reason === "unknown-tool")
    return `There is no tool ${JSON.stringify(toolCall.name.slice(0, 100))}. The tools are: ${names.join(", ") || "none"}.`;
  if (reason === "incomplete") return formatIssues(issues);
  return `The arguments are invalid:\n${formatIssues(issues)}`;
}

/** Rejects with the signal's reason, also where the work does not listen to it. */
function rejectOnAbort<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    // The work may have aborted it before its first await.
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
