import { tool } from "callwright";
import { expect } from "vitest";
import { z } from "zod";
import { messages } from "../../streams/wire-chunks.js";
import type { Cell, Section } from "../row.js";

const on = ["anthropic"] as const;
const clock = tool({ name: "clock", description: "Tells the time.", input: z.object({ zone: z.string() }) })(
  async ({ zone }) => zone,
);

const searching = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "weather" } };
const found = {
  type: "web_search_tool_result",
  tool_use_id: "srvtoolu_1",
  content: [
    { type: "web_search_result", url: "https://a.example", title: "A", encrypted_content: "enc", page_age: null },
  ],
};
const calling = { type: "tool_use", id: "toolu_1", name: "clock", input: { zone: "UTC" } };

/** Streams a block as the API does: the input of a tool in pieces, text and thinking in deltas. */
function streamOf(index: number, block: any): object[] {
  const deltas: Record<string, () => object[]> = {
    text: () => [messages.text(index, block.text)],
    thinking: () => [
      messages.delta(index, { type: "thinking_delta", thinking: block.thinking }),
      messages.delta(index, { type: "signature_delta", signature: block.signature }),
    ],
  };
  const input = JSON.stringify(block.input ?? {});
  const pieces = block.input ? [messages.json(index, input.slice(0, 5)), messages.json(index, input.slice(5))] : [];
  const start = {
    ...block,
    ...(block.input && { input: {} }),
    ...(block.text && { text: "" }),
    ...(block.thinking && { thinking: "", signature: "" }),
  };
  return [messages.block(index, start), ...(deltas[block.type]?.() ?? pieces), messages.stop(index)];
}

function reply(cell: Cell, blocks: readonly object[], stop_reason = "end_turn"): void {
  const usage = { input_tokens: 1, output_tokens: 1 };
  cell.reply(
    cell.streamed
      ? {
          chunks: [
            messages.start(),
            ...blocks.flatMap((block, index) => streamOf(index, block)),
            messages.finish(stop_reason),
            messages.end,
          ],
        }
      : { json: { id: "msg_1", type: "message", role: "assistant", model: "m", content: blocks, stop_reason, usage } },
  );
}

export const anthropicBlocks: Section = {
  title: "Anthropic's blocks and reasons",
  rows: [
    {
      id: "J1",
      report: "Blocks of server tools and of types that are not known, between text, thinking and calls",
      outcome: "Kept in the message, whole and in their order; in streams their input is put together",
      source: "laravel/ai#881, WordPress anthropic provider#29",
      on,
      async run(cell) {
        const blocks = [
          { type: "thinking", thinking: "Let me see.", signature: "sig" },
          { type: "text", text: "I search." },
          ...[searching, found],
          { type: "mcp_tool_use", id: "mcptoolu_1", name: "echo", server_name: "s", input: { a: [1] } },
          {
            type: "mcp_tool_result",
            tool_use_id: "mcptoolu_1",
            is_error: false,
            content: [{ type: "text", text: "x" }],
          },
          { type: "code_execution_tool_result", tool_use_id: "srvtoolu_2", content: { type: "code_execution_result" } },
          { type: "hologram", depth: 3 },
          { type: "text", text: "Sunny." },
          calling,
        ];
        reply(cell, blocks, "tool_use");
        const { response } = await cell.ask("Hello?", { tools: [clock] } as object);
        const kept = (data: object) => ({ type: "reasoning", text: "", origin: "anthropic", data });
        expect(response?.message.content).toEqual([
          { type: "reasoning", text: "Let me see.", origin: "anthropic", data: { type: "thinking", signature: "sig" } },
          { type: "text", text: "I search." },
          ...blocks.slice(2, 8).map(kept),
          { type: "text", text: "Sunny." },
          { type: "tool-call", id: "toolu_1", name: "clock", arguments: '{"zone":"UTC"}' },
        ]);
        expect(response?.content).toBe("I search.Sunny.");
        expect(response?.reasoning).toBe("Let me see.");
        expect(response?.tools).toHaveLength(1);
      },
    },
    {
      id: "J2",
      report: "Blocks that grow by deltas of types that are not known, such as `compaction_delta`",
      outcome: "Kept with what the deltas brought",
      source: "types of @anthropic-ai/sdk",
      on,
      ways: ["streamed"],
      async run(cell) {
        cell.reply({
          chunks: [
            ...[messages.start(), messages.block(0, { type: "compaction", content: null })],
            messages.delta(0, { type: "compaction_delta", content: "So ", encrypted_content: null }),
            messages.delta(0, { type: "compaction_delta", content: "far.", encrypted_content: "enc" }),
            ...[
              messages.stop(0),
              messages.textBlock(1),
              messages.text(1, "Hi"),
              messages.stop(1),
              messages.finish(),
              messages.end,
            ],
          ],
        });
        const { response } = await cell.ask();
        const data = { type: "compaction", content: "So far.", encrypted_content: "enc" };
        expect(response?.message.content).toMatchObject([
          { type: "reasoning", data },
          { type: "text", text: "Hi" },
        ]);
      },
    },
    {
      id: "J3",
      report: "Thinking and its signature stand in `content_block_start`, or a block never stops",
      outcome: "Kept, signature included",
      source: "djinn#2190",
      on,
      ways: ["streamed"],
      async run(cell) {
        const thinking = { type: "thinking", thinking: "Hm.", signature: "sig" };
        const data = { type: "thinking", signature: "sig" };
        for (const blocks of [
          [messages.block(0, thinking), messages.stop(0)],
          [messages.block(0, thinking)],
          [
            messages.block(0, { ...thinking, signature: "" }),
            messages.delta(0, { type: "signature_delta", signature: "sig" }),
          ],
          [
            messages.block(0, { ...thinking, thinking: "H" }),
            messages.delta(0, { type: "thinking_delta", thinking: "m." }),
            messages.stop(0),
          ],
        ]) {
          cell.reply({ chunks: [messages.start(), ...blocks, messages.finish(), messages.end] });
          const { response } = await cell.ask();
          expect(response?.reasoning).toBe("Hm.");
          expect(response?.message.content).toEqual([{ type: "reasoning", text: "Hm.", origin: "anthropic", data }]);
        }
      },
    },
    {
      id: "J4",
      report: "Citations of pages, documents and search results",
      outcome: "`response.sources`, in order; the text is as it was",
      source: "docs.claude.com/en/docs/build-with-claude/citations",
      on,
      async run(cell) {
        const citations = [
          {
            type: "web_search_result_location",
            url: "https://a.example",
            title: "A",
            encrypted_index: "e",
            cited_text: "It is.",
          },
          {
            type: "char_location",
            document_index: 0,
            document_title: "B",
            start_char_index: 0,
            end_char_index: 3,
            cited_text: "Yes",
          },
          { type: "search_result_location", source: "https://c.example", title: "C", cited_text: "So" },
          { type: "search_result_location", source: "shelf 3", title: "D", cited_text: "So" },
        ];
        const finish = {
          id: "m",
          content: [{ type: "text", text: "Yes, it is.", citations }],
          stop_reason: "end_turn",
        };
        const deltas = citations.map((citation) => messages.delta(0, { type: "citations_delta", citation }));
        const chunks = [messages.start(), messages.block(0, { type: "text", text: "", citations: [] }), ...deltas];
        cell.reply(
          cell.streamed
            ? {
                chunks: [...chunks, messages.text(0, "Yes, it is."), messages.stop(0), messages.finish(), messages.end],
              }
            : { json: finish },
        );
        const { response } = await cell.ask();
        expect(response?.content).toBe("Yes, it is.");
        expect(response?.message.content).toBe("Yes, it is.");
        expect(response?.sources).toEqual([
          { url: "https://a.example", title: "A", text: "It is.", raw: citations[0] },
          { title: "B", text: "Yes", raw: citations[1] },
          { url: "https://c.example", title: "C", text: "So", raw: citations[2] },
          { title: "D", text: "So", raw: citations[3] },
        ]);
      },
    },
    {
      id: "J5",
      report: "Stop reasons of Anthropic, in any case, and of servers that speak its format",
      outcome: "The reason by its kind; `error` is a failure",
      source: "LibreChat agents#280",
      on,
      async run(cell) {
        for (const [spelled, reason] of [
          ["end_turn", "stop"],
          ["stop_sequence", "stop"],
          ["max_tokens", "length"],
          ["MAX_TOKENS", "length"],
          ["model_context_window_exceeded", "length"],
          ["length", "length"],
          ["refusal", "content-filter"],
          ["sensitive", "content-filter"],
          ["hologram", "unknown"],
        ]) {
          reply(cell, [{ type: "text", text: "Half" }], spelled);
          expect((await cell.ask()).response).toMatchObject({ content: "Half", finishReason: reason });
        }
        reply(cell, [{ type: "text", text: "Half" }], "error");
        expect((await cell.ask()).error.code).toBe("server");
      },
    },
    {
      id: "J6",
      report: "A server tool's input is cut off in the middle",
      outcome: "The block is left out, with the warning `block_left_out`",
      source: "laravel/ai#881",
      on,
      ways: ["streamed"],
      async run(cell) {
        const start = messages.block(0, { ...searching, input: {} });
        cell.reply({
          chunks: [
            messages.start(),
            start,
            messages.json(0, '{"que'),
            messages.stop(0),
            messages.finish("max_tokens"),
            messages.end,
          ],
        });
        const { response } = await cell.ask();
        expect(response).toMatchObject({ finishReason: "length", message: { content: "" } });
        expect(response?.warnings).toMatchObject([{ code: "block_left_out" }]);
      },
    },
  ],
};
