import { blankText, cacheOrder, cachePoints, imageBytes } from "./anthropic-blocks.js";
import { strictSchemas } from "./anthropic-schema.js";
import { messagesShape } from "./anthropic-shape.js";
import {
  emptyContent,
  firstTurn,
  pairs,
  signature,
  thinkingLast,
  trailingSpace,
  uniqueIds,
} from "./anthropic-turns.js";
import { anthropicWords, at } from "./anthropic-words.js";
import type { Strictness } from "./check.js";
import { type Checked, firstOf, objectsOf, type Problem, type Rule } from "./problem.js";
import { problemOf } from "./shape.js";

/** What Anthropic's Messages refuse, in the order in which it is looked for. */
const rules: readonly Rule[] = [
  {
    title:
      "A member that is missing, unknown, or of the wrong type: `max_tokens` is required, roles are `user`, `assistant` and `system`, ids match `^[a-zA-Z0-9_-]+$`, names `^[a-zA-Z0-9_-]{1,128}$` (also in the history), `input` is an object, images are PNG, JPEG, GIF or WebP, documents PDF or plain text, thinking has its `signature` and no `cache_control`",
    check: ({ body, headers }) => problemOf(body, messagesShape(headers), anthropicWords),
  },
  { title: "A first turn that is not the user's", check: firstTurn },
  { title: "A message without content, unless it is the assistant's and the last", check: emptyContent },
  { title: "A text block that is empty or blank, also in `system` and in tool results", check: blankText },
  { title: "Two calls with the same id anywhere in the history", check: uniqueIds },
  {
    title:
      "A `tool_use` without its one `tool_result` at the beginning of the next turn; a `tool_result` for a call that is not in the turn before",
    check: pairs,
  },
  { title: "Thinking as the last block of an assistant turn", check: thinkingLast },
  { title: "Thinking with an empty signature", check: signature },
  { title: "A last assistant turn that ends in white space", check: trailingSpace },
  { title: "More than 4 cache points", check: cachePoints },
  { title: "A cache point of 1 hour behind one of 5 minutes", check: cacheOrder },
  { title: "Bytes of another type than the `media_type` of an image or document", check: imageBytes },
  { title: "Two tools of one name", check: uniqueNames },
  { title: "`oneOf`, `anyOf` or `allOf` at the root of an `input_schema`", check: schemaRoots },
  { title: "A tool choice without tools, or of a tool that is not offered", check: toolChoice },
  { title: "A forced tool (`any` or `tool`) together with thinking", check: forcedThinking },
  { title: "A thinking budget that leaves no tokens for the answer", check: thinkingBudget },
  {
    title:
      "Strict tools and output formats with more than 24 optional members or 16 unions in all, an object that is not closed by `additionalProperties: false`, a schema that contains itself, bounds on numbers and lengths, or more than 20 strict tools",
    check: strictSchemas,
  },
];

export const anthropicStrictness: Strictness = {
  rules,
  // Source: https://github.com/anthropics/claude-code/issues/60394
  unreadable: (why) => at("", `The request body is not valid JSON: ${why}`),
};

/** Source: https://github.com/eclipse-theia/theia/issues/16122 */
function uniqueNames({ body }: Checked): Problem | undefined {
  const names = objectsOf(body.tools).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  return new Set(names).size === names.length ? undefined : at("tools", "Tool names must be unique.");
}

/** Source: https://github.com/anthropics/claude-code/issues/5973 */
function schemaRoots({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.tools), ({ input_schema: schema }, index) =>
    schema && ["oneOf", "anyOf", "allOf"].some((keyword) => Object.hasOwn(schema, keyword))
      ? at(
          `tools.${index}.custom.input_schema`,
          "input_schema does not support oneOf, allOf, or anyOf at the top level",
        )
      : undefined,
  );
}

/** Source: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use, "forcing tool use". */
function toolChoice({ body }: Checked): Problem | undefined {
  const { tool_choice: choice } = body;
  if (choice === undefined) return undefined;
  const names = objectsOf(body.tools).map(({ name }) => name);
  if (names.length === 0) return at("tool_choice", "may only be specified while providing tools.");
  return choice.type === "tool" && !names.includes(choice.name)
    ? at("", `Tool '${choice.name}' not found in provided tools`)
    : undefined;
}

/** Sources: https://github.com/mastra-ai/mastra/issues/7507, and https://github.com/usestrix/strix/issues/503 for adaptive thinking */
function forcedThinking({ body }: Checked): Problem | undefined {
  const forced = ["any", "tool"].includes(body.tool_choice?.type);
  return forced && ["enabled", "adaptive"].includes(body.thinking?.type)
    ? at("", "Thinking may not be enabled when tool_choice forces tool use.")
    : undefined;
}

/** Source: the type of ThinkingConfigEnabled.budget_tokens: "Must be ≥1024 and less than `max_tokens`". */
function thinkingBudget({ body }: Checked): Problem | undefined {
  return body.thinking?.type === "enabled" && body.thinking.budget_tokens >= body.max_tokens
    ? at("", "`max_tokens` must be greater than `thinking.budget_tokens`.")
    : undefined;
}
