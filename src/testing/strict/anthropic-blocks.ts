import { at } from "./anthropic-words.js";
import { shownType } from "./image-type.js";
import { firstOf, type Json, listOf, objectsOf, type Problem } from "./problem.js";

/** All blocks of a request in the order in which the API reads them, with their places; what results hold comes behind them. */
function* blocksOf({ system, messages }: Json): Generator<readonly [place: string, block: Json]> {
  for (const [index, block] of listOf(system).entries()) yield [`system.${index}`, block];
  for (const [message, { content }] of objectsOf(messages).entries()) {
    for (const [index, block] of listOf(content).entries()) {
      const place = `messages.${message}.content.${index}`;
      yield [place, block];
      if (block.type !== "tool_result") continue;
      for (const [inner, held] of listOf(block.content).entries())
        yield [`${place}.tool_result.content.${inner}`, held];
    }
  }
}

/**
 * Sources: https://github.com/anthropics/claude-code/issues/59812 (empty), /issues/23440 (blank), /issues/55302 (with a
 * cache point).
 */
export function blankText({ body }: { body: Json }): Problem | undefined {
  const whole = (text: unknown, where: string) =>
    typeof text === "string" && text !== "" && text.trim() === "" ? at(where, blank) : undefined;
  return (
    (body.system === "" ? at("system", empty) : whole(body.system, "system")) ??
    firstOf(objectsOf(body.messages), ({ content }) => whole(content, "messages")) ??
    firstOf(blocksOf(body), ([place, { type, text, cache_control }]) => {
      if (type !== "text" || text.trim() !== "") return undefined;
      if (text === "" && cache_control) return at(`${place}.text`, "cache_control cannot be set for empty text blocks");
      return at(place.startsWith("system") ? "system" : "messages", text === "" ? empty : blank);
    })
  );
}

const empty = "text content blocks must be non-empty";
const blank = "text content blocks must contain non-whitespace text";

/** The marks of a request in the order in which the API reads them: tools, system, messages. */
function cacheMarks(body: Json): readonly (readonly [place: string, mark: Json])[] {
  const tools = listOf(body.tools).map((tool, index) => [`tools.${index}`, tool] as const);
  const marked = [...tools, ...blocksOf(body), ["", body] as const];
  return marked.flatMap(([place, { cache_control }]) => (cache_control ? [[place, cache_control] as const] : []));
}

/** Source: https://github.com/tghamm/Anthropic.SDK/issues/50 */
export function cachePoints({ body }: { body: Json }): Problem | undefined {
  const { length } = cacheMarks(body);
  return length > 4 ? at("", `A maximum of 4 blocks with cache_control may be provided. Found ${length}.`) : undefined;
}

/** Source: https://github.com/cnighswonger/claude-code-cache-fix/issues/44 */
export function cacheOrder({ body }: { body: Json }): Problem | undefined {
  let hasShort = false;
  return firstOf(cacheMarks(body), ([place, { ttl }]) => {
    if (ttl === "1h" && hasShort) {
      return at(
        `${place}.cache_control.ttl`.replace(/^\./, ""),
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
      );
    }
    hasShort ||= ttl !== "1h";
    return undefined;
  });
}

/** Source: https://github.com/BerriAI/litellm/issues/24900 */
export function imageBytes({ body }: { body: Json }): Problem | undefined {
  return firstOf(blocksOf(body), ([place, { type, source }]) => {
    if ((type !== "image" && type !== "document") || source?.type !== "base64") return undefined;
    const where = `${place}.${type}.source.base64`;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(source.data)) return at(`${where}.data`, "Invalid base64 data");
    const shown = shownType(source.data);
    if (shown === undefined || shown === source.media_type) return undefined;
    if (type === "document") return at(`${where}.data`, "The PDF specified was not valid.");
    return at(
      where,
      `The image was specified using the ${source.media_type} media type, but the image appears to be a ${shown} image`,
    );
  });
}
