import { type CallOptions, call, type Input, type ModelRef, retry } from "callwright";
import type { WireServer } from "callwright/testing";
import type { Cell, Outcome, Target } from "./row.js";

const names: Readonly<Record<string, string>> = {
  openai: "gpt-4o-mini",
  responses: "gpt-4o-mini",
  anthropic: "claude-haiku-4-5",
  mistral: "mistral-small-latest",
};

/** In the place of the default retry, so that one call is one request. */
const once = retry({ retries: 0 });

export function cellOf(target: Target, streamed: boolean, server: WireServer): Cell {
  const provider = target === "responses" ? "openai" : target;
  const reference = `${provider}/${names[target] ?? "some-model"}` as ModelRef;
  const { baseURL, apiKey } =
    target === "anthropic" ? server.anthropic : target === "mistral" ? server.mistral : server.openai;
  const access = { baseURL, apiKey, ...(target === "responses" && { api: "responses" as const }) };
  return {
    target,
    reference,
    streamed,
    server,
    access,
    reply: (...replies) => server.reply(...replies),
    ask: (input = "Hello?", options = {}) => ask(reference, streamed, input, { use: [once], ...access, ...options }),
    get body() {
      return server.requests.at(-1)?.body;
    },
  };
}

async function ask(reference: ModelRef, streamed: boolean, input: Input, options: CallOptions): Promise<Outcome> {
  const tools: unknown[] = [];
  let shown = "";
  try {
    if (!streamed) {
      const answer: any = await call(reference, options as object)(() => input as string)();
      if (options.responseModel) return { value: answer, shown, tools };
      return { response: answer, shown: answer.content, tools: answer.tools };
    }
    const stream: any = await call(reference, { ...options, stream: true } as object)(() => input as string)();
    if (options.responseModel) return { value: await stream.output(), shown, tools };
    for await (const [chunk, tool] of stream) {
      shown += chunk.content;
      if (tool) tools.push(tool);
    }
    return { response: await stream.response(), shown, tools };
  } catch (error) {
    return { error, shown, tools };
  }
}
