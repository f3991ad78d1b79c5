import { at } from "./anthropic-words.js";
import { firstOf, isObject, type Json, objectsOf, type Problem } from "./problem.js";

/** A block, and where it stands. */
interface Placed {
  readonly block: Json;
  readonly message: number;
  readonly index: number;
}

/** What the API makes of messages: those of one role in a row are one turn. */
interface Turn {
  readonly role: string;
  readonly blocks: readonly Placed[];
  /** The index of its last message. */
  readonly last: number;
}

/** Source: https://docs.anthropic.com/en/api/messages, "consecutive user or assistant turns will be combined". */
function turnsOf({ messages }: Json): readonly Turn[] {
  const turns: (Turn & { blocks: Placed[]; last: number })[] = [];
  objectsOf(messages).forEach(({ role, content }, message) => {
    if (role === "system") return;
    const list: unknown[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
    const blocks = list.flatMap((block, index) => (isObject(block) ? [{ block, message, index }] : []));
    const turn = turns.at(-1);
    if (turn && turn.role === role) {
      turn.blocks.push(...blocks);
      turn.last = message;
    } else turns.push({ role, blocks, last: message });
  });
  return turns;
}

const ofType = (type: string) => (placed: Placed) => placed.block.type === type;

const place = ({ message, index }: Placed) => `messages.${message}.content.${index}`;

/** Source: https://docs.anthropic.com/en/api/messages; a history must begin with what the user says. */
export function firstTurn({ body }: { body: Json }): Problem | undefined {
  const [first] = turnsOf(body);
  if (!first) return at("messages", "at least one message is required");
  return first.role === "user" ? undefined : at("messages", 'first message must use the "user" role');
}

/** Source: https://github.com/anthropics/claude-code/issues/20901 */
export function uniqueIds({ body }: { body: Json }): Problem | undefined {
  const seen = new Set<string>();
  return firstOf(
    turnsOf(body).flatMap(({ blocks }) => blocks.filter(ofType("tool_use"))),
    (placed) => {
      if (seen.has(placed.block.id)) return at(place(placed), "`tool_use` ids must be unique");
      seen.add(placed.block.id);
      return undefined;
    },
  );
}

/**
 * Sources: https://github.com/anthropics/claude-code/issues/8210 (a call without a result), /issues/25959 (a result
 * without a call); https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use: the results come
 * first in their turn, before any text.
 */
export function pairs({ body }: { body: Json }): Problem | undefined {
  const turns = turnsOf(body);
  return firstOf(turns, ({ role, blocks, last }, index) => {
    const before = turns[index - 1];
    const calls = before?.role === "assistant" ? before.blocks.filter(ofType("tool_use")) : [];
    const misplaced = blocks.find(ofType(role === "user" ? "tool_use" : "tool_result"));
    if (misplaced) {
      const [type, only] = role === "user" ? ["tool_use", "assistant"] : ["tool_result", "user"];
      return at(`messages.${misplaced.message}`, `\`${type}\` blocks can only be in \`${only}\` messages`);
    }
    return (
      (role === "user" ? resultProblem(blocks, calls, before?.last ?? 0) : undefined) ??
      (role === "assistant" && !turns[index + 1] ? unanswered(blocks.filter(ofType("tool_use")), last) : undefined)
    );
  });
}

function resultProblem(blocks: readonly Placed[], calls: readonly Placed[], last: number): Problem | undefined {
  const results = blocks.filter(ofType("tool_result"));
  const ids = new Set(calls.map(({ block }) => block.id));
  const stray = results.find(({ block }) => !ids.has(block.tool_use_id));
  if (stray) {
    return at(
      place(stray),
      `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    );
  }
  const seen = new Set<string>();
  const second = results.find(({ block }) => seen.size === seen.add(block.tool_use_id).size);
  if (second) {
    return at(
      place(second),
      `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${second.block.tool_use_id}`,
    );
  }
  const end = blocks.findIndex((placed) => !ofType("tool_result")(placed));
  const leading = new Set((end < 0 ? blocks : blocks.slice(0, end)).map(({ block }) => block.tool_use_id));
  return unanswered(
    calls.filter(({ block }) => !leading.has(block.id)),
    last,
  );
}

function unanswered(calls: readonly Placed[], last: number): Problem | undefined {
  if (calls.length === 0) return undefined;
  return at(
    `messages.${calls[0]?.message ?? last}`,
    `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${calls.map(({ block }) => block.id).join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

/** Source: https://github.com/anthropics/claude-code/issues/3196 */
export function emptyContent({ body }: { body: Json }): Problem | undefined {
  const messages = objectsOf(body.messages);
  return firstOf(messages, ({ role, content }, index) => {
    if (content.length > 0 || (role === "assistant" && index === messages.length - 1)) return undefined;
    return at(
      `messages.${index}`,
      "all messages must have non-empty content except for the optional final assistant message",
    );
  });
}

/** Source: https://github.com/langchain-ai/langchain/issues/35071 */
export function trailingSpace({ body }: { body: Json }): Problem | undefined {
  const { content, role } = objectsOf(body.messages).at(-1) ?? {};
  if (role !== "assistant") return undefined;
  const text: unknown = typeof content === "string" ? content : objectsOf(content).at(-1)?.text;
  return typeof text === "string" && text !== text.trimEnd()
    ? at("messages", "final assistant content cannot end with trailing whitespace")
    : undefined;
}

/** Source: https://github.com/tailcallhq/forgecode/issues/2107 */
export function thinkingLast({ body }: { body: Json }): Problem | undefined {
  return firstOf(turnsOf(body), ({ role, blocks, last }) => {
    const type = role === "assistant" ? blocks.at(-1)?.block.type : undefined;
    return type === "thinking" || type === "redacted_thinking"
      ? at(`messages.${last}`, `The final block in an assistant message cannot be \`${type}\`.`)
      : undefined;
  });
}

/** Source: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking, "preserving thinking blocks". */
export function signature({ body }: { body: Json }): Problem | undefined {
  return firstOf(
    turnsOf(body).flatMap(({ blocks }) => blocks.filter(ofType("thinking"))),
    (placed) =>
      placed.block.signature === "" ? at(place(placed), "Invalid `signature` in `thinking` block") : undefined,
  );
}
