import { begun as begunOn } from "../../streams/wire-chunks.js";
import type { Cell } from "../row.js";

/** The beginning of a streamed answer of a cell's target, which may end or break after it. */
export function begun({ target }: Cell, text: string): readonly (object | string)[] {
  if (target === "responses") return [{ type: "response.output_text.delta", output_index: 0, delta: text }];
  return begunOn(target === "anthropic" ? "anthropic" : "openai", [text]);
}
