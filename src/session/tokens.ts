import type { Part } from "../content.js";
import type { Message } from "../message.js";

/** What a message costs beside its content, and what a part costs that is no text, in tokens. */
const perMessage = 4;
const perPart = { image: 1000, audio: 500, document: 2000 };

/** About how many tokens a message has. */
export function estimateTokens({ content }: Message): number {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  return parts.reduce((sum, part) => sum + estimatePart(part), perMessage);
}

function estimatePart(part: Part): number {
  switch (part.type) {
    case "text":
    case "reasoning":
      return estimateText(part.text);
    case "tool-call":
      return estimateText(part.name) + estimateText(part.arguments);
    case "tool-result":
      return typeof part.content === "string"
        ? estimateText(part.content)
        : part.content.reduce((sum, each) => sum + estimatePart(each), 0);
    case "cache-point":
      return 0;
    default:
      return perPart[part.type];
  }
}

/** Four characters of Latin text make about one token, one of Chinese, Japanese or Korean text about one. */
function estimateText(text: string): number {
  const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g)?.length ?? 0;
  return Math.ceil((text.length - wide) / 4 + wide);
}
