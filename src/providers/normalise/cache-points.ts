import { type CachePoint, type Part, text } from "../../content.js";
import type { Message } from "../../message.js";
import type { Pass, Step } from "./rules.js";

/** Where a wire has no cache points, they are nothing. */
export const leaveOutCachePoints: Step = (messages, { rules }) =>
  rules.cachePoints > 0 || !messages.some(holdsCachePoint) ? messages : messages.map(withoutCachePoints);

/** A part behind which a cache point stands: of a message, or inside a tool result. */
interface Mark {
  readonly part: Part;
  readonly point: CachePoint;
}

/**
 * Puts each cache point right behind the last part before it that can be cached, and leaves the last few that the wire takes.
 * Thinking and blank text cannot be cached.
 */
export const placeCachePoints: Step = (messages, pass) => {
  if (!messages.some(holdsCachePoint)) return messages;
  const copied = messages.map(({ role, content }): Message => ({ role, content: partsOf(content).map(copyOf) }));
  const points = new Map(inOrder(atMost(marksOf(copied, pass), pass), pass).map(({ part, point }) => [part, point]));
  return copied.flatMap(({ role, content }, at): Message[] => {
    const marked = withPoints(partsOf(content), points);
    if (marked.length === 0) return [];
    const before = messages[at]?.content;
    return [{ role, content: typeof before === "string" && marked.length === 1 ? before : marked }];
  });
};

function partsOf(content: string | readonly Part[]): readonly Part[] {
  return typeof content === "string" ? [text(content)] : content;
}

/** Two places may hold the same object, and only one of them the cache point. A call is never in two. */
function copyOf(part: Part): Part {
  if (part.type === "tool-call") return part;
  return part.type === "tool-result" && typeof part.content !== "string"
    ? { ...part, content: part.content.map(copyOf) }
    : { ...part };
}

function marksOf(messages: readonly Message[], { rules, warn }: Pass): Mark[] {
  const marks: Mark[] = [];
  let last: Part | undefined;
  const visit = (part: Part) => {
    if (part.type === "tool-result") {
      // Before its first part that can be cached, one inside a result marks what stands before the result.
      if (typeof part.content !== "string") part.content.forEach(visit);
      last = part;
    } else if (part.type !== "cache-point") last = part.type === "reasoning" ? last : part;
    else if (!last)
      warn("cache_point_left_out", `Nothing that ${rules.provider} can cache stands before a cache point.`);
    else if (marks.at(-1)?.part === last) marks.push({ part: last, point: longer(marks.pop()?.point, part) });
    else marks.push({ part: last, point: part });
  };
  for (const { content } of messages) partsOf(content).forEach(visit);
  return marks;
}

function withPoints(parts: readonly Part[], points: ReadonlyMap<Part, CachePoint>): readonly Part[] {
  return parts.flatMap((part): Part[] => {
    if (part.type === "cache-point") return [];
    const point = points.get(part);
    const inner =
      part.type === "tool-result" && typeof part.content !== "string"
        ? { ...part, content: withPoints(part.content, points) }
        : part;
    return point ? [inner, point] : [inner];
  });
}

function longer(one: CachePoint | undefined, other: CachePoint): CachePoint {
  return one?.ttl === "1h" ? one : other;
}

function atMost(marks: readonly Mark[], { rules, warn }: Pass): readonly Mark[] {
  const { provider, cachePoints } = rules;
  if (marks.length <= cachePoints) return marks;
  warn(
    "cache_point_left_out",
    `${provider} takes ${cachePoints} cache points here; the first of ${marks.length} were left out.`,
  );
  return marks.slice(-cachePoints);
}

/**
 * What is kept for longer must stand first:
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#mixing-different-ttls
 */
function inOrder(marks: readonly Mark[], { rules, warn }: Pass): readonly Mark[] {
  let short = false;
  return marks.map((mark) => {
    short ||= mark.point.ttl !== "1h";
    if (!short || mark.point.ttl !== "1h") return mark;
    warn(
      "cache_point_shortened",
      `${rules.provider} takes no cache point of 1h behind one of 5m; it was sent as one of 5m.`,
    );
    return { ...mark, point: { type: "cache-point" } };
  });
}

function holdsCachePoint({ content }: Message): boolean {
  return typeof content !== "string" && content.some((part) => part.type === "cache-point" || hasInner(part));
}

function hasInner(part: Part): boolean {
  return (
    part.type === "tool-result" &&
    typeof part.content !== "string" &&
    part.content.some(({ type }) => type === "cache-point")
  );
}

function withoutInner(part: Part): Part {
  if (part.type !== "tool-result" || typeof part.content === "string" || !hasInner(part)) return part;
  return { ...part, content: part.content.filter(({ type }) => type !== "cache-point") };
}

function withoutCachePoints(message: Message): Message {
  if (typeof message.content === "string" || !holdsCachePoint(message)) return message;
  return { ...message, content: message.content.filter(({ type }) => type !== "cache-point").map(withoutInner) };
}
