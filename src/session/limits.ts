import type { Message } from "../message.js";
import { estimateTokens } from "../tokens.js";

export interface Limits {
  /** The most messages that are kept, system messages not counted; whole turns go, the oldest first. @default no limit */
  maxMessages?: number | undefined;
  /** The most tokens that are kept, by an estimate. @default no limit */
  maxTokens?: number | undefined;
}

/** A history within its limits. System messages stay, and the newest turn stays even where it alone is too long. */
export function trim(
  history: readonly Message[],
  { maxMessages = Number.POSITIVE_INFINITY, maxTokens = Number.POSITIVE_INFINITY }: Limits,
): Message[] {
  const system = history.filter(({ role }) => role === "system");
  const turns = splitTurns(history.filter(({ role }) => role !== "system"));
  let messages = 0;
  let tokens = maxTokens === Number.POSITIVE_INFINITY ? 0 : sumTokens(system);
  let first = turns.length;
  while (first > 0) {
    const turn = turns[first - 1] as readonly Message[];
    messages += turn.length;
    if (maxTokens !== Number.POSITIVE_INFINITY) tokens += sumTokens(turn);
    if (first < turns.length && (messages > maxMessages || tokens > maxTokens)) break;
    first--;
  }
  return first === 0 ? [...history] : [...system, ...turns.slice(first).flat()];
}

/** A turn begins with a user message that follows on something else; tool results are never parted from their calls. */
function splitTurns(messages: readonly Message[]): Message[][] {
  const turns: Message[][] = [];
  let previous: Message | undefined;
  for (const message of messages) {
    const last = turns.at(-1);
    if (last && !(message.role === "user" && previous?.role !== "user")) last.push(message);
    else turns.push([message]);
    previous = message;
  }
  return turns;
}

function sumTokens(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens(message), 0);
}
