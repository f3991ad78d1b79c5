import { inspect } from "node:util";
import { CallResponse, CallwrightError } from "callwright";
import { secret } from "./mutate.js";

/** Throws if the condition does not hold. */
export function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`Found: ${what}`);
}

const spelledSecrets = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), btoa(secret)];

function hasSecret(text: string): boolean {
  return spelledSecrets.some((spelled) => text.includes(spelled));
}

let errors = 0;

/**
 * Returns the code of an error that a caller may get.
 *
 * @param mayQuote Whether the error may show the text of the input, which holds the key as any other word.
 * @throws What is wrong with it.
 */
export function checkError(error: any, mayQuote = false): string {
  must(CallwrightError.isInstance(error), `an error that is not typed: ${inspect(error)}`);
  must(typeof error.code === "string" && error.code !== "", `an error without a code: ${error}`);
  must(
    typeof error.message === "string" && error.message.length < 5000,
    `a message of ${error.message.length} characters`,
  );
  const { status, retryAfterMs, retryable, response, partial } = error as any;
  must(status === undefined || Number.isInteger(status), `the status ${status}`);
  must(
    retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && retryAfterMs >= 0),
    `retryAfterMs ${retryAfterMs}`,
  );
  must(typeof retryable === "boolean", `retryable is ${retryable}`);
  if (mayQuote) return error.code;
  for (let at: any = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    must(!hasSecret(at.message), `the key in an error: ${at.message}`);
  must(!hasSecret(JSON.stringify(error)), "the key in the JSON of an error");
  // These are slow, and find what the others miss only rarely. A response shows what the model said, whatever it was.
  if (++errors % 50 === 0) {
    must(!hasSecret(String(error.stack)), "the key in a stack");
    must(response || partial || !hasSecret(inspect(error, { depth: 8 })), "the key in an inspected error");
  }
  return error.code;
}

const reasons = ["stop", "length", "tool-calls", "content-filter", "pause", "unknown"];
const counts = [
  "inputTokens",
  "outputTokens",
  "cachedInputTokens",
  "cacheWriteTokens",
  "reasoningTokens",
  "totalTokens",
];

/** Throws what is wrong with an answer, whatever the provider said. */
export function checkResponse(response: any): void {
  must(CallResponse.isInstance(response), `an answer that is not a response: ${inspect(response)}`);
  const { content, reasoning, toolCalls, tools, toolErrors, usage, cost, finishReason, sources, id, model } = response;
  for (const text of [content, reasoning, id, model]) must(typeof text === "string", `a text that is ${inspect(text)}`);
  must(reasons.includes(finishReason), `the finish reason ${finishReason}`);
  for (const call of toolCalls)
    for (const name of ["id", "name", "arguments"] as const)
      must(typeof call[name] === "string", `a tool call whose ${name} is ${inspect(call[name])}`);
  must(
    toolCalls.every((call) => call.id !== "" && call.name !== ""),
    "a tool call without an id or a name",
  );
  must(new Set(toolCalls.map((call) => call.id)).size === toolCalls.length, "two tool calls with one id");
  must(tools.length + toolErrors.length <= toolCalls.length, "more tools than calls");
  const isWhole = !["length", "content-filter", "pause"].includes(finishReason);
  must(isWhole || tools.length === 0, `a tool to run in an answer that ended with ${finishReason}`);
  for (const name of usage ? counts : []) {
    const count = (usage as any)[name];
    must(Number.isFinite(count) && count >= 0, `the usage ${inspect(usage)}`);
  }
  must(cost === undefined || (Number.isFinite(cost) && cost >= 0), `the cost ${cost} of ${inspect(usage)}`);
  must(Array.isArray(sources), "sources that are no list");
  must(typeof JSON.stringify(response) === "string", "a response without JSON");
}
