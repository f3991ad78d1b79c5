/** What is asked and answered: the sizes of a short chat. */
export const question = "Recommend a fantasy book to a reader who liked the last one.";
export const answer = "The Name of the Wind by Patrick Rothfuss: a legend told by the man who lived it. "
  .repeat(4)
  .trim();

/** A token or two each, as providers stream them. */
export const pieces = tokens(10_000);
export const streamed = pieces.join("");

/** How many events leave the server in one TCP write; one at a time would measure the kernel, on both sides alike. */
export const eventsPerWrite = 50;

export function tokens(count) {
  return Array.from({ length: count }, (_, index) => [" wind", " the", " name", " of", "!"][index % 5]);
}

const openaiBase = {
  id: "chatcmpl-0123456789abcdef0123456789abcdef",
  object: "chat.completion.chunk",
  created: 1_760_000_000,
  model: "gpt-4o-mini",
  service_tier: "default",
  system_fingerprint: "fp_wireserver",
};
const anthropicBase = {
  id: "msg_0123456789abcdefghijklmn",
  type: "message",
  role: "assistant",
  model: "claude-haiku-4-5",
};
const openaiEvent = (delta, finish_reason = null) =>
  data({ ...openaiBase, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
const anthropicEvent = (event) => `event: ${event.type}\n${data(event)}`;
const data = (payload) => `data: ${JSON.stringify(payload)}\n\n`;

/** The whole answer of each wire. */
export const bodies = {
  openai: JSON.stringify({
    ...openaiBase,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: answer, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 80, total_tokens: 100 },
  }),
  anthropic: JSON.stringify({
    ...anthropicBase,
    content: [{ type: "text", text: answer }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 20, output_tokens: 80 },
  }),
};

/** A whole stream of a wire, event by event, with an event for each piece of text. */
export function eventsOf(wire, texts) {
  return streams[wire](texts, { input: 20, output: texts.length });
}

/** Of such a stream, on average. */
export function bytesAnEvent(wire, texts) {
  const events = eventsOf(wire, texts);
  return Math.round(Buffer.byteLength(events.join("")) / events.length);
}

const streams = {
  openai: (texts, { input, output }) => [
    openaiEvent({ role: "assistant", content: "", refusal: null }),
    ...texts.map((content) => openaiEvent({ content })),
    openaiEvent({}, "stop"),
    data({
      ...openaiBase,
      choices: [],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
    "data: [DONE]\n\n",
  ],
  anthropic: (texts, { input, output }) => [
    anthropicEvent({
      type: "message_start",
      message: {
        ...anthropicBase,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: input, output_tokens: 1 },
      },
    }),
    anthropicEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...texts.map((text) =>
      anthropicEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    ),
    anthropicEvent({ type: "content_block_stop", index: 0 }),
    anthropicEvent({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: output },
    }),
    anthropicEvent({ type: "message_stop" }),
  ],
};

/** The long stream, in the pieces that the server writes. */
export function writesOf(wire) {
  const all = eventsOf(wire, pieces);
  return Array.from({ length: Math.ceil(all.length / eventsPerWrite) }, (_, index) =>
    all.slice(index * eventsPerWrite, (index + 1) * eventsPerWrite).join(""),
  );
}
