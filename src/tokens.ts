import type { Part } from "./content.js";
import type { Message } from "./message.js";
import type { ModelRequest } from "./model.js";

/** What a message costs beside its content, and what a part costs that is no text, in tokens. */
const perMessage = 4;
const perPart = { image: 1000, audio: 500, document: 2000 };

/** What a provider may add to a message, and to say what tools are; more than either is known to. */
const mostPerMessage = 16;
const mostForTools = 1000;

type Count = (text: string) => number;

/** About how many tokens a message has. */
export function estimateTokens(message: Message): number {
  return perMessage + countContent(message.content, estimateText);
}

/** About how many tokens the input of a request has: messages, tools and the schema of the answer. */
export function estimateInput(request: ModelRequest): number {
  const messages = request.messages.reduce((sum, message) => sum + estimateTokens(message), 0);
  return messages + definitionsOf(request).reduce((sum, text) => sum + estimateText(text), 0);
}

/** What the input of a request cannot exceed, since no token is shorter than a byte; images, sounds and documents are an estimate. */
export function mostInput(request: ModelRequest): number {
  const sums = request.messages.map(({ content }) => mostPerMessage + countContent(content, countBytes));
  const definitions = definitionsOf(request).map(countBytes);
  return [...sums, ...definitions].reduce((sum, each) => sum + each, request.tools?.length ? mostForTools : 0);
}

function definitionsOf({ tools = [], output }: ModelRequest): string[] {
  return [...tools, ...(output ? [output] : [])].map((definition) => JSON.stringify(definition));
}

function countContent(content: Message["content"], count: Count): number {
  if (typeof content === "string") return count(content);
  return content.reduce((sum, part) => sum + countPart(part, count), 0);
}

function countPart(part: Part, count: Count): number {
  switch (part.type) {
    case "text":
    case "reasoning":
      return count(part.text);
    case "tool-call":
      return count(part.name) + count(part.arguments);
    case "tool-result":
      return countContent(part.content, count);
    case "cache-point":
      return 0;
    default:
      return perPart[part.type];
  }
}

/** Four characters of Latin text make about one token, one of Chinese, Japanese or Korean text about one. */
export function estimateText(text: string): number {
  const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g)?.length ?? 0;
  return Math.ceil((text.length - wide) / 4 + wide);
}

export function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
