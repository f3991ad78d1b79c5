import { parseJsonText } from "../../json-text.js";
import { own } from "../../own.js";
import type { Emit } from "../exchange.js";
import { sourceOf } from "../sources.js";
import type { ToolSlots } from "../tool-slots.js";
import { objectOf, stringOf } from "../wire-parts.js";

type Wire = Record<string, unknown>;

/** A block of an answer that is being read. */
export interface Block {
  readonly type: string;
  /** What the wire says of it, with the deltas so far. */
  readonly wire: Wire;
  /** The number of its tool call among the answer's. */
  readonly tool: number | undefined;
  /** The JSON of the input as it comes, which a server's own tools have too. */
  input: string;
}

/**
 * Reads the blocks of an answer, whole or in pieces. What is not text, thinking or a call of the caller's tools is kept as
 * it is for the next turn: the API wants its own blocks back, such as those of a search.
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function blockReader(slots: ToolSlots, emit: Emit) {
  let tools = 0;

  function start(content: unknown): Block {
    const wire = own(objectOf(content)) as Wire;
    const type = stringOf(wire.type);
    const block: Block = { type, wire, tool: type === "tool_use" ? tools++ : undefined, input: "" };
    if (type === "text") {
      emitText(wire.text);
      for (const citation of listOf(wire.citations)) emitSource(citation);
    } else if (type === "thinking") emitThinking(wire.thinking);
    else if (type === "tool_use") slots.add({ index: block.tool, id: wire.id, name: wire.name });
    return block;
  }

  function grow(block: Block, delta: Wire): void {
    switch (delta.type) {
      case "text_delta":
        return emitText(delta.text);
      case "thinking_delta":
        return emitThinking(delta.thinking);
      case "citations_delta":
        return emitSource(delta.citation);
      case "input_json_delta":
        if (block.tool !== undefined) slots.add({ index: block.tool, arguments: delta.partial_json });
        block.input += stringOf(delta.partial_json);
        return;
    }
    // A signature, and what blocks of other types grow by: text is appended to the member of its name.
    for (const [name, piece] of Object.entries(delta)) {
      if (name !== "type" && typeof piece === "string") block.wire[name] = stringOf(block.wire[name]) + piece;
    }
  }

  function stop({ type, wire, tool, input }: Block): void {
    if (type === "thinking")
      emit({ type: "reasoning-delta", text: "", data: { type: "thinking", signature: wire.signature } });
    else if (type === "redacted_thinking") emit({ type: "reasoning-delta", text: "", data: { type, data: wire.data } });
    else if (tool !== undefined) {
      // A plain answer has the arguments whole, and so do some compatible servers with the start.
      if (input === "") slots.add({ index: tool, arguments: wire.input || {} });
      slots.end(tool);
    } else if (type !== "text" && type !== "") emitKept(wire, input);
  }

  function emitKept(wire: Wire, input: string): void {
    const read = input.trim() === "" ? undefined : parseJsonText(input);
    if (read && "problem" in read) {
      const message = `The input of a block of the type ${stringOf(wire.type)} was cut off; the block was left out.`;
      emit({ type: "warning", code: "block_left_out", message });
    } else emit({ type: "reasoning-delta", text: "", data: read ? { ...wire, input: read.value } : { ...wire } });
  }

  function emitText(text: unknown): void {
    if (stringOf(text)) emit({ type: "text-delta", text: stringOf(text) });
  }

  function emitThinking(text: unknown): void {
    if (stringOf(text)) emit({ type: "reasoning-delta", text: stringOf(text) });
  }

  function emitSource(citation: unknown): void {
    const source = sourceOf(citation);
    if (source) emit({ type: "source", source });
  }

  return { start, grow, stop };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
