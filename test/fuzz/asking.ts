import { call, type ModelRef, retry, tool } from "callwright";
import { z } from "zod";
import { secret } from "./mutate.js";
import type { WireName } from "./seeds.js";

/** What the next request is answered with, without a network. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, each as one character. */
  readonly body: string;
  /** Where the bytes are divided. */
  readonly cuts: readonly number[];
}

export const references: Readonly<Record<WireName, ModelRef>> = {
  chat: "openai/gpt-4o-mini",
  responses: "openai/gpt-4o-mini",
  messages: "anthropic/claude-haiku-4-5",
};

/** The key, and a `fetch` that hands over what it is given. */
export function accessOf(wire: WireName, fetch: () => Promise<Response>) {
  return {
    apiKey: secret,
    fetch: fetch as typeof globalThis.fetch,
    ...(wire === "responses" && { api: "responses" as const }),
  };
}

export function responseOf({ status, headers, body, cuts }: Answer): Response {
  const bytes = Buffer.from(body, "latin1");
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const pieces = bounds.slice(1).map((to, index) => bytes.subarray(bounds[index], to));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) if (piece.length > 0) controller.enqueue(new Uint8Array(piece));
      controller.close();
    },
  });
  return new Response([204, 205, 304].includes(status) ? null : stream, { status, headers });
}

const Book = z.object({ title: z.string(), size: z.number().optional() });
export const look = tool({ name: "look", description: "Looks.", input: Book })(({ title }) => title);

export const uses = ["text", "tools", "value"] as const;
export type Use = (typeof uses)[number];

/** Calls of a wire, one for each use and mode, that are made once. */
export function callsOf(wire: WireName, fetch: () => Promise<Response>) {
  const made = new Map<string, (text: string) => Promise<any>>();
  return (use: Use, stream: boolean) => {
    const key = `${use} ${stream}`;
    const before = made.get(key);
    if (before) return before;
    const options = {
      ...accessOf(wire, fetch),
      use: [retry({ retries: 0 })],
      ...(stream && { stream }),
      ...(use === "tools" && { tools: [look] }),
      ...(use === "value" && { responseModel: Book }),
    };
    const ask = call(references[wire], options as object)((text: string) => text) as unknown as (
      text: string,
    ) => Promise<any>;
    made.set(key, ask);
    return ask;
  };
}
