import { type CallStream, call, tool } from "callwright";
import { z } from "zod";
import { chat, messages } from "../streams/wire-chunks.js";

/** One thing that a model says: a text in pieces, or a call of a tool whose arguments come in pieces. */
export interface Said {
  readonly tool: boolean;
  readonly pieces: readonly string[];
}

/** One step of an answer: the next piece of what was said at this place, or its end. */
export type Turn = { readonly at: number; readonly piece?: string };

/** How one wire spells an answer. */
interface Spelling {
  /** Whether the items have no order but that in which they begin. */
  readonly beginsInOrder?: true;
  readonly reference: "openai/gpt-4o-mini" | "anthropic/claude-haiku-4-5";
  readonly api?: "responses";
  begin(at: number, said: Said): object[];
  grow(at: number, said: Said, piece: string): object[];
  end(at: number, said: Said): object[];
  readonly before: readonly object[];
  after(all: readonly Said[]): readonly (object | string)[];
}

const idOf = (at: number) => `call_${at}`;
const callItem = (at: number, said: Said) => ({
  type: "function_call",
  id: `fc_${at}`,
  call_id: idOf(at),
  name: "look",
  arguments: said.pieces.join(""),
});
const item = (at: number, said: Said) =>
  said.tool
    ? callItem(at, said)
    : { type: "message", id: `msg_${at}`, content: [{ type: "output_text", text: said.pieces.join("") }] };
const response = { id: "resp_1", object: "response", model: "gpt-4o-mini", error: null };

export const spellings: Readonly<Record<"chat" | "messages" | "responses", Spelling>> = {
  chat: {
    reference: "openai/gpt-4o-mini",
    before: [],
    begin: (at, said) => (said.tool ? [chat.tools({ index: at, id: idOf(at), name: "look", args: "" })] : []),
    grow: (at, said, piece) => [said.tool ? chat.tools({ index: at, args: piece }) : chat.text(piece)],
    end: () => [],
    after: (all) => [
      chat.finish(all.some((said) => said.tool) ? "tool_calls" : "stop"),
      chat.usage(10, 5),
      "data: [DONE]",
    ],
  },
  messages: {
    reference: "anthropic/claude-haiku-4-5",
    beginsInOrder: true,
    before: [messages.start()],
    begin: (at, said) => [said.tool ? messages.toolBlock(at, idOf(at), "look") : messages.textBlock(at)],
    grow: (at, said, piece) => [said.tool ? messages.json(at, piece) : messages.text(at, piece)],
    end: (at) => [messages.stop(at)],
    after: (all) => [messages.finish(all.some((said) => said.tool) ? "tool_use" : "end_turn"), messages.end],
  },
  responses: {
    reference: "openai/gpt-4o-mini",
    api: "responses",
    beginsInOrder: true,
    before: [{ type: "response.created", response: { ...response, status: "in_progress", output: [] } }],
    begin: (at, said) => {
      const begun = said.tool ? { ...callItem(at, said), arguments: "" } : { type: "message", content: [] };
      return [{ type: "response.output_item.added", output_index: at, item: begun }];
    },
    grow: (at, said, piece) => {
      const type = said.tool ? "response.function_call_arguments.delta" : "response.output_text.delta";
      return [{ type, output_index: at, delta: piece }];
    },
    end: (at, said) => [{ type: "response.output_item.done", output_index: at, item: item(at, said) }],
    after: (all) => [
      {
        type: "response.completed",
        response: {
          ...response,
          status: "completed",
          output: all.map((said, at) => item(at, said)),
          usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
        },
      },
    ],
  },
};
export type WireName = keyof typeof spellings;
export const wireNames = Object.keys(spellings) as WireName[];

/** All pieces one after the other, as a model says them. */
export function inOrder(all: readonly Said[]): Turn[] {
  return all.flatMap(({ pieces }, at) => [...pieces.map((piece) => ({ at, piece })), { at }]);
}

/** The chunks of an answer whose pieces come in this order. */
export function chunksOf(wire: WireName, all: readonly Said[], turns: readonly Turn[]): (object | string)[] {
  const spelling = spellings[wire];
  const begun = new Set<number>();
  const begin = (at: number) => {
    if (begun.has(at)) return [];
    begun.add(at);
    return spelling.begin(at, all[at] as Said);
  };
  const between = turns.flatMap(({ at, piece }) => {
    const said = all[at] as Said;
    const before = spelling.beginsInOrder ? all.slice(0, at).flatMap((_, earlier) => begin(earlier)) : [];
    return [
      ...before,
      ...begin(at),
      ...(piece === undefined ? spelling.end(at, said) : spelling.grow(at, said, piece)),
    ];
  });
  return [...spelling.before, ...between, ...spelling.after(all)];
}

/** The same chunks of Chat Completions with some put together, as servers do that batch: pieces of calls, and the finish. */
export function batched(chunks: readonly (object | string)[], joins: readonly boolean[]): (object | string)[] {
  const done: (object | string)[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const [before, after] = [choiceOf(done.at(-1)), choiceOf(chunk)];
    if (before && after && joins[index % joins.length]) {
      const tool_calls = [...(before.delta.tool_calls ?? []), ...(after.delta.tool_calls ?? [])];
      done[done.length - 1] = chat.delta({ tool_calls }, after.finish_reason);
    } else done.push(chunk);
  }
  return done;
}

/** What a chunk holds that bears pieces of calls, or the finish. */
function choiceOf(
  chunk: any,
): { readonly delta: { readonly tool_calls?: object[] }; readonly finish_reason: any } | undefined {
  const [choice] = chunk?.choices ?? [];
  return choice && (choice.delta.tool_calls || choice.finish_reason) ? choice : undefined;
}

const look = tool({ name: "look", description: "Looks.", input: z.unknown() })((args) => args);

/** Reads streams over the real SDK, whose `fetch` answers with the bytes of the moment. */
export function reader(wire: WireName): (pieces: readonly Uint8Array[]) => Promise<Seen> {
  let pieces: readonly Uint8Array[] = [];
  const { reference, api } = spellings[wire];
  const fetch = async () =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece);
          controller.close();
        },
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  const ask = call(reference, { apiKey: "sk-test", fetch, ...(api && { api }), stream: true, tools: [look] })(
    () => "Hi",
  );
  return async (bytes) => {
    pieces = bytes;
    return seen(await ask());
  };
}

/** All that a stream shows: its tuples, and what stands at its end. */
export interface Seen {
  readonly tuples: unknown[];
  readonly content: string;
  /** The tools in the order in which the loop saw them. */
  readonly shown: string[];
  readonly calls: { readonly id: string; readonly arguments: string }[];
  /** The ids of the tools that were valid and of those that were not, in their order. */
  readonly tools: string[];
  readonly invalid: string[];
}

export async function seen(stream: CallStream<any>): Promise<Seen> {
  const tuples: unknown[] = [];
  const shown: string[] = [];
  for await (const [{ content, text, toolDelta, finishReason, usage }, tool] of stream) {
    tuples.push({ content, text, toolDelta, finishReason, usage, tool: tool && { ...tool.toolCall, args: tool.args } });
    if (tool) shown.push(tool.toolCall.id);
  }
  const { content, toolCalls, tools, toolErrors } = await stream.response();
  return {
    tuples,
    content,
    shown,
    calls: toolCalls.map(({ id, arguments: args }) => ({ id, arguments: args })),
    tools: tools.map(({ toolCall }) => toolCall.id),
    invalid: toolErrors.map(({ toolCall }) => toolCall.id),
  };
}
