import type { Strictness } from "./check.js";
import { chatShape, isOpenaiModel } from "./openai-chat-shape.js";
import { imageProblem } from "./openai-media.js";
import { rootProblem, strictProblem } from "./openai-schema.js";
import { openaiWords, problem, unreadable } from "./openai-words.js";
import { type Checked, firstOf, isObject, type Json, listOf, objectsOf, type Problem, type Rule } from "./problem.js";
import { problemOf } from "./shape.js";
import { surrogateHalfAt } from "./well-formed.js";

/** What Chat Completions refuse, in the order in which it is looked for. */
const rules: readonly Rule[] = [
  {
    title:
      "For OpenAI's models (`gpt-…`, `o1`, `chatgpt-…`): a member of the body that the API does not know. Other models are taken to be at a compatible server, which may know more",
    check: unknownMember,
  },
  {
    title:
      "A member that is missing or of the wrong type or range: roles, ids of calls of 1 to 40 characters (for OpenAI's models), names `^[a-zA-Z0-9_-]{1,64}$` (also in the history), an empty list of messages, content or `tool_calls`, `max_tokens` below 1",
    check: shapeProblem,
  },
  { title: "An assistant message with neither content nor calls", check: missingContent },
  { title: "`arguments` in the history that are not the text of a JSON object", check: argumentTexts },
  {
    title: "An assistant message whose calls are not all answered by the `tool` messages right behind it, once each",
    check: callPairs,
  },
  { title: "Images that are no link, and no `data:` URL of a PNG, JPEG, GIF or WebP", check: images },
  { title: "`tool_choice` or `parallel_tool_calls` without tools", check: choices },
  {
    title:
      "Schemas of functions and formats whose root is not an object; for OpenAI's models also a root with `anyOf`, `oneOf`, `allOf`, `enum` or `not`",
    check: schemaRoots,
  },
  {
    title:
      "Strict schemas with an optional member, an object that is not closed, a keyword outside of the subset, more than 10 levels, 5,000 members or 1,000 enum values",
    check: strictSchemas,
  },
];

export const openaiChatStrictness: Strictness = { rules, unreadable };

/** Source: https://github.com/xlinx/sd-webui-decadetw-auto-prompt-llm/issues/29 */
function unknownMember({ body }: Checked): Problem | undefined {
  const shape = chatShape(body.model);
  if (shape.kind !== "object" || shape.open) return undefined;
  const unknown = Object.keys(body).find((name) => !shape.members.has(name));
  return unknown === undefined ? undefined : { message: `Unrecognized request argument supplied: ${unknown}` };
}

function shapeProblem({ body }: Checked): Problem | undefined {
  // Source: https://platform.openai.com/docs/api-reference/chat/create; the one member whose absence has words of its own.
  if (body.model === undefined) return { message: "you must provide a model parameter" };
  return problemOf(body, chatShape(body.model), openaiWords);
}

/** Source: the type of ChatCompletionAssistantMessageParam.content: "Required unless `tool_calls` or `function_call` is specified". */
function missingContent({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.messages), ({ role, content, tool_calls, function_call, audio, refusal }, index) => {
    if (role !== "assistant" || [content, tool_calls, function_call, audio, refusal].some(isGiven)) return undefined;
    return problem(`messages.[${index}].content`, "Invalid value for 'content': expected a string, got null.");
  });
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

/**
 * OpenAI takes any text. What serves other models parses it for the model's template, before anything is generated, and
 * then every further turn of the conversation fails.
 * Sources: https://github.com/vllm-project/vllm/pull/48922, https://github.com/am17an/llama.cpp/issues/43,
 * https://github.com/OpenHands/software-agent-sdk/issues/2887
 */
export function argumentTexts({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.messages), ({ tool_calls }, message) =>
    firstOf(objectsOf(tool_calls), ({ function: called }, index) => {
      if (!called) return undefined;
      const what = argumentProblem(called.arguments);
      const param = `messages[${message}].tool_calls[${index}].function.arguments`;
      return what ? problem(param, `Failed to parse '${param}' as JSON: ${what}`, "invalid_value") : undefined;
    }),
  );
}

function argumentProblem(json: string): string | undefined {
  try {
    if (!isObject(JSON.parse(json))) return "expected an object.";
  } catch (error) {
    return `${(error as Error).message}.`;
  }
  return surrogateHalfAt(json) === undefined ? undefined : "a surrogate half without its other half.";
}

/** Sources: https://github.com/aliasrobotics/cai/issues/111 (no answer), https://github.com/simonw/llm/issues/937 (no call) */
export function callPairs({ body }: Checked): Problem | undefined {
  const messages = objectsOf(body.messages);
  let open = new Set<string>();
  let answered = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      const problem = resultProblem(message.tool_call_id, open, answered, index);
      if (problem) return problem;
    } else {
      if (open.size > 0) return unanswered(open, index);
      open = new Set(objectsOf(message.tool_calls).map(({ id }) => id));
      answered = new Set();
    }
  }
  return open.size > 0 ? unanswered(open, messages.length) : undefined;
}

function resultProblem(id: string, open: Set<string>, answered: Set<string>, index: number): Problem | undefined {
  if (open.delete(id)) {
    answered.add(id);
    return undefined;
  }
  if (answered.has(id))
    return problem(`messages.[${index}].tool_call_id`, `Duplicate value for 'tool_call_id' of '${id}' in messages.`);
  if (open.size + answered.size > 0) {
    return problem(
      `messages.[${index}].tool_call_id`,
      `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`,
    );
  }
  return problem(
    `messages.[${index}].role`,
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
  );
}

function unanswered(ids: ReadonlySet<string>, index: number): Problem {
  return problem(
    `messages.[${index}].role`,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(", ")}`,
  );
}

function images({ body }: Checked): Problem | undefined {
  // What other servers read is theirs to say.
  if (!isOpenaiModel(body.model)) return undefined;
  return firstOf(objectsOf(body.messages), ({ content }, message) =>
    firstOf(listOf(content), ({ type, image_url }, index) =>
      type === "image_url"
        ? imageProblem(image_url.url, `messages[${message}].content[${index}].image_url.url`)
        : undefined,
    ),
  );
}

/** Source: https://github.com/camel-ai/camel/pull/3706 */
function choices({ body }: Checked): Problem | undefined {
  if (!isOpenaiModel(body.model) || listOf(body.tools).length > 0) return undefined;
  return firstOf(["tool_choice", "parallel_tool_calls"], (name) =>
    isGiven(body[name])
      ? problem(name, `Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`)
      : undefined,
  );
}

/** The functions and the format of a request that have a schema. */
function schemasOf({ tools, response_format: format }: Json) {
  const functions = listOf(tools).flatMap((tool, index) => {
    const { name, parameters, strict } = tool.function ?? {};
    const param = `tools[${index}].function.parameters`;
    return isObject(parameters) ? [{ name: `function '${name}'`, param, schema: parameters, strict }] : [];
  });
  const { name, schema, strict } = format?.json_schema ?? {};
  if (!isObject(schema)) return functions;
  return [...functions, { name: `response_format '${name}'`, param: "response_format", schema, strict }];
}

function schemaRoots({ body }: Checked): Problem | undefined {
  return firstOf(schemasOf(body), ({ schema, ...place }) => {
    if (isOpenaiModel(body.model)) return rootProblem(schema, place);
    return place.name.startsWith("function") ? rootProblem({ type: schema.type }, place) : undefined;
  });
}

function strictSchemas({ body }: Checked): Problem | undefined {
  return firstOf(schemasOf(body), ({ schema, strict, ...place }) =>
    strict === true ? strictProblem(schema, place) : undefined,
  );
}
