import { type CallOptions, type CallResponse, call, type PromptValue, tool } from "callwright";
import type { WireServer } from "callwright/testing";
import { z } from "zod";

const targets = {
  openai: { reference: "openai/gpt-4o-mini", server: "openai", options: {} },
  responses: { reference: "openai/gpt-4o-mini", server: "openai", options: { api: "responses" } },
  anthropic: { reference: "anthropic/claude-haiku-4-5", server: "anthropic", options: {} },
} as const;
export type Target = keyof typeof targets;

export interface Way {
  readonly target: Target;
  readonly stream: boolean;
}

/** Each wire, plain and streamed. */
export const ways = (["openai", "responses", "anthropic"] as const).flatMap((target): [title: string, way: Way][] => [
  [target, { target, stream: false }],
  [`${target}, streamed`, { target, stream: true }],
]);

export function accessOf(server: WireServer, target: Target) {
  return { ...server[targets[target].server], ...targets[target].options };
}

export const referenceOf = (target: Target) => targets[target].reference;

/** What one call came to; `handedOut` are the tools that a loop over a stream got. */
export interface Asked {
  readonly response: CallResponse<any>;
  readonly handedOut: readonly any[];
}

export async function ask(
  server: WireServer,
  { target, stream }: Way,
  options: CallOptions,
  prompt: PromptValue = "Go on.",
): Promise<Asked> {
  const all: CallOptions = { ...options, ...accessOf(server, target) };
  const reference = referenceOf(target);
  if (!stream) {
    const response = await call(reference, all as object)(() => prompt as string)();
    return { response, handedOut: response.tools };
  }
  const streamed: any = await call(reference, { ...all, stream: true } as object)(() => prompt as string)();
  const handedOut: any[] = [];
  for await (const [, each] of streamed) if (each) handedOut.push(each);
  return { response: await streamed.response(), handedOut };
}

/** A tool that does harm if it runs on arguments that were cut off: they all have defaults. */
export function eraser() {
  const erased: string[] = [];
  const erase = tool({ name: "erase", description: "Erases.", input: z.object({ path: z.string().default("/") }) })(
    ({ path }) => {
      erased.push(path);
      return `${path} is gone`;
    },
  );
  return { erase, erased };
}
