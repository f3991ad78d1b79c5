import type { WireName, WireReply } from "../reply.js";
import { changed } from "./begin.js";

/**
 * A good answer among what no one has announced: events and blocks of unknown types, unknown members, chunks without
 * choices, deltas that are `null`, and no usage. A success, with `usage` undefined.
 */
export function oddChunks(): WireReply {
  return {
    usage: null,
    tcp(answer) {
      const { before, last, oddBody } = odd[answer.wire];
      let count = 0;
      let blocks = 0;
      return changed(answer, ({ text }) => {
        if (!answer.streamed) return [JSON.stringify(oddBody({ ...JSON.parse(text), x_unknown: {} }))];
        if (text.startsWith("event: content_block_start")) blocks++;
        const widened = text.replace(/^data: \{/m, 'data: {"x_unknown":{},');
        if (count++ === 1) return [...before.map(eventOf), widened];
        return text.includes(last.before) ? [...last.events(blocks).map(eventOf), widened] : [widened];
      });
    },
  };
}

function eventOf(payload: object): string {
  return `${"type" in payload ? `event: ${payload.type}\n` : ""}data: ${JSON.stringify(payload)}\n\n`;
}

interface Oddities {
  /** Events that come after the first. */
  readonly before: readonly object[];
  /** Events that come before the one with this text in it. */
  readonly last: { readonly before: string; events(blocks: number): readonly object[] };
  oddBody(body: Record<string, unknown>): object;
}

const chunk = { id: "chatcmpl-odd", object: "chat.completion.chunk", created: 0, model: "odd" };

const odd: Readonly<Record<WireName, Oddities>> = {
  openai: {
    before: [
      { ...chunk, choices: [] },
      { ...chunk, choices: [{ index: 0, delta: null, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: { content: null, x_unknown: 1 }, finish_reason: null }] },
    ],
    last: { before: '"finish_reason":"', events: () => [{ ...chunk, object: "x.unknown", choices: [], usage: null }] },
    oddBody: (body) => body,
  },
  anthropic: {
    before: [{ type: "x_unknown", value: 1 }],
    last: {
      before: '"type":"message_delta"',
      events: (index) => [
        { type: "content_block_start", index, content_block: { type: "x_unknown" } },
        { type: "content_block_delta", index, delta: { type: "x_unknown_delta", value: 1 } },
        { type: "content_block_stop", index },
      ],
    },
    oddBody: (body) => ({ ...body, content: [...(body.content as object[]), { type: "x_unknown" }] }),
  },
  "openai-responses": {
    before: [{ type: "response.x_unknown.delta", delta: "nothing" }],
    last: {
      before: '"type":"response.completed"',
      events: () => [{ type: "response.output_item.added", output_index: 100, item: { type: "x_unknown", id: "x_1" } }],
    },
    oddBody: (body) => ({ ...body, output: [...(body.output as object[]), { type: "x_unknown", id: "x_1" }] }),
  },
};
