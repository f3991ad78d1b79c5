/** Good answers of the three wires, plain and streamed, with all kinds of things that an answer may hold. */
export type WireName = "chat" | "responses" | "messages";

export const wireNames: readonly WireName[] = ["chat", "responses", "messages"];

const chatHead = { id: "chatcmpl-1", created: 1, model: "gpt-4o-mini-2024-07-18", system_fingerprint: "fp_1" };
const chatUsage = {
  prompt_tokens: 40,
  completion_tokens: 20,
  total_tokens: 60,
  prompt_tokens_details: { cached_tokens: 10, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const chatCalls = [
  { index: 0, id: "call_a", type: "function", function: { name: "look", arguments: '{"title":"Momo","size":3}' } },
  { index: 1, id: "call_b", type: "function", function: { name: "look", arguments: '{"title":"Krabat"}' } },
];
const citation = {
  type: "url_citation",
  url_citation: { url: "https://x.test/a", title: "A", start_index: 0, end_index: 3 },
};

function chatWhole(message: object, finish_reason: string): object {
  const choice = { index: 0, message: { role: "assistant", content: null, refusal: null, ...message }, logprobs: null };
  return { ...chatHead, object: "chat.completion", choices: [{ ...choice, finish_reason }], usage: chatUsage };
}

function chatChunk(delta: object, finish_reason: string | null = null): object {
  return {
    ...chatHead,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  };
}

const chatEnd = { ...chatHead, object: "chat.completion.chunk", choices: [], usage: chatUsage };

const reasoningItem = {
  id: "rs_1",
  type: "reasoning",
  encrypted_content: "gAAAA",
  summary: [{ type: "summary_text", text: "First." }],
};
const messageItem = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [
    { type: "output_text", text: '{"title":"Momo"}', annotations: [{ type: "url_citation", url: "https://x.test" }] },
  ],
};
const callItem = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_a",
  name: "look",
  arguments: '{"title":"Momo"}',
  status: "completed",
};
const responsesUsage = {
  input_tokens: 40,
  output_tokens: 20,
  total_tokens: 60,
  input_tokens_details: { cached_tokens: 10 },
  output_tokens_details: { reasoning_tokens: 5 },
};

function responseOf(output: readonly object[], status = "completed"): object {
  const reason = status === "incomplete" ? { reason: "max_output_tokens" } : null;
  const head = { id: "resp_1", object: "response", created_at: 1, model: "gpt-4o-mini", error: null };
  return { ...head, status, incomplete_details: reason, output, usage: responsesUsage };
}

function responseEvents(output: readonly any[]): object[] {
  const grown = output.flatMap((item, output_index) => {
    const at = { output_index, item_id: item.id, content_index: 0 };
    const begun = { ...item, status: "in_progress", content: [], arguments: "" };
    return [
      { type: "response.output_item.added", output_index, item: begun },
      ...piecesOf(item).map((piece) => ({ ...at, ...piece })),
      { type: "response.output_item.done", output_index, item },
    ];
  });
  const created = { type: "response.created", response: { ...responseOf([], "in_progress"), usage: null } };
  return [created, ...grown, { type: "response.completed", response: responseOf(output) }];
}

function piecesOf(item: any): object[] {
  if (item.type === "reasoning")
    return [{ type: "response.reasoning_summary_text.delta", summary_index: 0, delta: item.summary[0].text }];
  const text = item.type === "message" ? item.content[0].text : item.arguments;
  const kind = item.type === "message" ? "response.output_text" : "response.function_call_arguments";
  const member = item.type === "message" ? "text" : "arguments";
  const half = Math.ceil(text.length / 2);
  return [
    { type: `${kind}.delta`, delta: text.slice(0, half) },
    { type: `${kind}.delta`, delta: text.slice(half) },
    { type: `${kind}.done`, [member]: text },
  ];
}

const messagesHead = { id: "msg_1", type: "message", role: "assistant", model: "claude-haiku-4-5-20251001" };
const messagesUsage = {
  input_tokens: 30,
  output_tokens: 20,
  cache_read_input_tokens: 10,
  cache_creation_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
};
const blocks: readonly any[] = [
  { type: "thinking", thinking: "Let me see.", signature: "c2lnbmVk" },
  { type: "redacted_thinking", data: "cmVkYWN0ZWQ=" },
  {
    type: "text",
    text: '{"title":"Momo"}',
    citations: [{ type: "char_location", cited_text: "Momo", document_index: 0 }],
  },
  { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "Momo" } },
  {
    type: "web_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: [{ type: "web_search_result", url: "https://x.test" }],
  },
  { type: "tool_use", id: "toolu_1", name: "look", input: { title: "Momo" } },
];

function messageOf(content: readonly object[], stop_reason: string): object {
  return { ...messagesHead, content, stop_reason, stop_sequence: null, usage: messagesUsage };
}

function messageEvents(content: readonly any[], stop_reason: string): object[] {
  const start = { ...messageOf([], ""), stop_reason: null, usage: { ...messagesUsage, output_tokens: 1 } };
  return [
    { type: "message_start", message: start },
    ...content.flatMap((block, index) => [
      { type: "content_block_start", index, content_block: emptied(block) },
      ...deltasOf(block).map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    { type: "ping" },
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 20 } },
    { type: "message_stop" },
  ];
}

function emptied(block: any): object {
  const empty = { thinking: { thinking: "", signature: "" }, text: { text: "" }, tool_use: { input: {} } };
  return { ...block, ...empty[block.type as "text"] };
}

function deltasOf(block: any): object[] {
  if (block.type === "text")
    return [
      { type: "text_delta", text: block.text.slice(0, 5) },
      { type: "text_delta", text: block.text.slice(5) },
      ...(block.citations ?? []).map((each: object) => ({ type: "citations_delta", citation: each })),
    ];
  if (block.type === "thinking")
    return [
      { type: "thinking_delta", thinking: block.thinking },
      { type: "signature_delta", signature: block.signature },
    ];
  if (block.type !== "tool_use") return [];
  const json = JSON.stringify(block.input);
  return [json.slice(0, 6), json.slice(6)].map((partial_json) => ({ type: "input_json_delta", partial_json }));
}

const refused = { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" };
const denied = { error: { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" } };

/** Bodies of whole answers. */
export const wholes: Readonly<Record<WireName, readonly object[]>> = {
  chat: [
    chatWhole({ content: '{"title":"Momo"}', annotations: [citation], reasoning_content: "Hm." }, "stop"),
    chatWhole({ content: "One moment.", tool_calls: chatCalls }, "tool_calls"),
    chatWhole({ refusal: "No." }, "stop"),
    chatWhole({ content: [{ type: "text", text: "In parts" }] }, "length"),
    denied,
  ],
  responses: [
    responseOf([reasoningItem, messageItem]),
    responseOf([reasoningItem, messageItem, callItem, { ...callItem, id: "fc_2", call_id: "call_b" }]),
    responseOf([{ ...messageItem, content: [{ type: "refusal", refusal: "No." }] }]),
    responseOf([messageItem], "incomplete"),
    { ...responseOf([], "failed"), error: { code: "server_error", message: "It broke" } },
  ],
  messages: [
    messageOf(blocks, "tool_use"),
    messageOf(blocks.slice(2, 3), "end_turn"),
    messageOf(blocks.slice(0, 3), "max_tokens"),
    { ...messageOf([], "refusal"), stop_details: { type: "refusal", explanation: "No." } },
    refused,
  ],
};

/** Events of streams. */
export const streams: Readonly<Record<WireName, readonly (readonly (object | string)[])[]>> = {
  chat: [
    [
      chatChunk({ role: "assistant", content: "" }),
      ...['{"title":', '"Mo', 'mo"}'].map((content) => chatChunk({ content })),
      chatChunk({}, "stop"),
      chatEnd,
      "[DONE]",
    ],
    [
      chatChunk({ role: "assistant", reasoning_content: "Hm." }),
      ...chatCalls.flatMap(({ index, id, type, function: { name, arguments: args } }) => [
        chatChunk({ tool_calls: [{ index, id, type, function: { name, arguments: "" } }] }),
        chatChunk({ tool_calls: [{ index, function: { arguments: args.slice(0, 7) } }] }),
        chatChunk({ tool_calls: [{ index, function: { arguments: args.slice(7) } }] }),
      ]),
      chatChunk({}, "tool_calls"),
      chatEnd,
      "[DONE]",
    ],
    [chatChunk({ content: "Half" }), chatChunk({ refusal: "No." }), chatChunk({}, "length"), chatEnd, "[DONE]"],
  ],
  responses: [responseEvents([messageItem]), responseEvents([reasoningItem, messageItem, callItem])],
  messages: [messageEvents(blocks, "tool_use"), messageEvents(blocks.slice(0, 3), "end_turn")],
};

/** A stream as bytes that are written as characters of Latin-1. */
export function eventText(events: readonly unknown[]): string {
  return events
    .map((event) => {
      const type = (event as { type?: unknown } | null)?.type;
      const name = typeof type === "string" && !/[\r\n]/.test(type) ? `event: ${latin1(type)}\n` : "";
      return `${name}data: ${typeof event === "string" ? latin1(event) : latin1(jsonOf(event))}\n\n`;
    })
    .join("");
}

/** The UTF-8 bytes of a text, each as one character. */
export function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** JSON, or a word for what is nested deeper than the stack. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return "[".repeat(5000) + "]".repeat(5000);
  }
}
