import type { ModelRef } from "callwright";
import type { WireReply, WireServer } from "callwright/testing";
import fc from "fast-check";
import { anyText } from "./any-text.js";

/** The APIs that a session can go from and to. */
export const apis = ["openai", "responses", "anthropic", "mistral"] as const;
export type Api = (typeof apis)[number];

const names = {
  openai: "gpt-4o-mini",
  responses: "gpt-4o-mini",
  anthropic: "claude-haiku-4-5",
  mistral: "mistral-small",
};

export function routeTo(api: Api, server: WireServer) {
  const provider = api === "responses" ? "openai" : api;
  const reference = `${provider}/${names[api]}` as ModelRef;
  return { reference, access: { ...server[provider], ...(api === "responses" && { api }) } };
}

/** What an answer may hold, in whatever order. */
type Item =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thought"; readonly text: string; readonly signature: string }
  | { readonly kind: "redacted" }
  | { readonly kind: "call"; readonly id: string; readonly name: string; readonly args: string }
  | { readonly kind: "search"; readonly answered: boolean };

export interface Answer {
  readonly items: readonly Item[];
  readonly end: "whole" | "cut" | "filtered" | "paused";
}

const half = "\ud83d";
const words = fc.oneof(fc.constantFrom("", " ", "\n\n", "Hello. ", half), anyText());
const ids = fc.oneof(
  fc.constantFrom("", "call_0", "call_1", "functions.echo:0", "abcDEF123", `call_${"x".repeat(41)}`, "two words", half),
  fc.string({ unit: "binary", maxLength: 70 }),
);
const toolNames = fc.oneof(
  fc.constantFrom("echo", "echo", "echo", "browser.tabs.open", "$x", " ", "n".repeat(200), half),
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }),
);
const args = fc.oneof(
  fc.constantFrom(
    "",
    "{}",
    "null",
    '{"say":"Hi"}',
    '{"say":"Os',
    "[1]",
    '"x"',
    "7",
    '{"\\ud83d":"\\udc00"}',
    "{".repeat(90),
  ),
  fc.json({ maxDepth: 2 }),
  words,
);

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text: words }),
  fc.record({ kind: fc.constant("thought" as const), text: words, signature: fc.constantFrom("", "c2lnbmVk") }),
  fc.constant({ kind: "redacted" as const }),
  fc.record({ kind: fc.constant("call" as const), id: ids, name: toolNames, args }),
  fc.record({ kind: fc.constant("search" as const), answered: fc.boolean() }),
);

export const answers: fc.Arbitrary<Answer> = fc.record({
  items: fc.array(item, { maxLength: 5 }),
  end: fc.constantFrom("whole", "whole", "cut", "filtered", "paused"),
});

/** The answer as an API says it. */
export function replyOf(api: Api, answer: Answer): WireReply {
  if (api === "anthropic") return { json: messagesBody(answer) };
  return { json: api === "responses" ? responsesBody(answer) : chatBody(answer) };
}

function messagesBody({ items, end }: Answer): object {
  const content = items.flatMap(blocksOf);
  const reasons = { whole: "end_turn", cut: "max_tokens", filtered: "refusal", paused: "pause_turn" };
  const usage = { input_tokens: 1, output_tokens: 1 };
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content,
    stop_reason: reasons[end],
    usage,
  };
}

function blocksOf(item: Item, index: number): object[] {
  switch (item.kind) {
    case "text":
      return [{ type: "text", text: item.text }];
    case "thought":
      return [{ type: "thinking", thinking: item.text, signature: item.signature }];
    case "redacted":
      return [{ type: "redacted_thinking", data: "cmVkYWN0ZWQ=" }];
    case "call":
      return [{ type: "tool_use", id: item.id, name: item.name, input: inputOf(item.args) }];
    case "search": {
      const id = `srvtoolu_${index}`;
      const call = { type: "server_tool_use", id, name: "web_search", input: { query: half } };
      return item.answered ? [call, { type: "web_search_tool_result", tool_use_id: id, content: [] }] : [call];
    }
  }
}

/** Anthropic sends objects; what is none can only come from servers that imitate it. */
function inputOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function chatBody({ items, end }: Answer): object {
  const texts = items.flatMap((each) => (each.kind === "text" ? [each.text] : []));
  const thoughts = items.flatMap((each) => (each.kind === "thought" ? [each.text] : []));
  const tool_calls = items.flatMap((each) =>
    each.kind === "call"
      ? [{ id: each.id, type: "function", function: { name: each.name, arguments: each.args } }]
      : [],
  );
  const message = {
    role: "assistant",
    content: texts.join(""),
    ...(thoughts.length > 0 && { reasoning_content: thoughts.join("") }),
    ...(tool_calls.length > 0 && { tool_calls }),
    ...(end === "filtered" && { refusal: "No." }),
  };
  const finish_reason = { whole: "stop", cut: "length", filtered: "content_filter", paused: "stop" }[end];
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message, finish_reason }],
  };
}

function responsesBody({ items, end }: Answer): object {
  const output = items.flatMap((each, index): object[] => {
    switch (each.kind) {
      case "text":
        return [
          {
            type: "message",
            id: `msg_${index}`,
            role: "assistant",
            content: [{ type: "output_text", text: each.text }],
          },
        ];
      case "thought":
        return [
          {
            type: "reasoning",
            id: `rs_${index}`,
            summary: [{ type: "summary_text", text: each.text }],
            ...(each.signature && { encrypted_content: each.signature }),
          },
        ];
      case "call":
        return [{ type: "function_call", id: `fc_${index}`, call_id: each.id, name: each.name, arguments: each.args }];
      default:
        return [];
    }
  });
  const refusal = { type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] };
  const reason = { cut: "max_output_tokens", filtered: "content_filter" }[end as "cut"];
  return {
    id: "resp_1",
    object: "response",
    model: "m",
    status: reason ? "incomplete" : "completed",
    incomplete_details: reason ? { reason } : null,
    output: end === "filtered" ? [...output, refusal] : output,
  };
}
