import type { Strictness } from "./check.js";
import { imageProblem } from "./openai-media.js";
import { responsesShape } from "./openai-responses-shape.js";
import { rootProblem, strictProblem } from "./openai-schema.js";
import { openaiWords, problem, unreadable } from "./openai-words.js";
import { type Checked, firstOf, isObject, listOf, objectsOf, type Problem, type Rule } from "./problem.js";
import { problemOf } from "./shape.js";

/** What the Responses API refuses, in the order in which it is looked for. */
const rules: readonly Rule[] = [
  {
    title:
      "A member that is missing, unknown, or of the wrong type or range: types of items, `call_id` of 1 to 64 characters, names `^[a-zA-Z0-9_-]{1,64}$` (also in the history), `input_…` parts for what is shown and `output_…` parts for what the model said, `max_output_tokens` below 16",
    check: ({ body }) => problemOf(body, responsesShape, openaiWords),
  },
  { title: "Ids of items that do not begin with `msg`, `fc` or `rs`, as their type has it", check: itemIds },
  {
    title:
      "A `function_call` without a `function_call_output`, and the other way round (unless `previous_response_id` or `conversation` may hold it)",
    check: callPairs,
  },
  { title: "A reasoning item that is not followed by what the model made of it", check: reasoning },
  { title: "Images that are no link, and no `data:` URL of a PNG, JPEG, GIF or WebP", check: images },
  {
    title: "Schemas whose root is not an object, or has `anyOf`, `oneOf`, `allOf`, `enum` or `not`",
    check: schemaRoots,
  },
  { title: "Strict schemas beyond the subset and its limits, as in Chat Completions", check: strictSchemas },
];

export const openaiResponsesStrictness: Strictness = { rules, unreadable };

/** Source: https://github.com/continuedev/continue/issues/11494, https://github.com/jlcodes99/cockpit-tools/issues/2090 */
function itemIds({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.input), ({ type = "message", id }, index) => {
    const prefix = prefixes.get(type);
    if (prefix === undefined || typeof id !== "string") return undefined;
    const param = `input[${index}].id`;
    if (!/^[a-zA-Z0-9_-]+$/.test(id)) {
      return problem(
        param,
        `Invalid '${param}': '${id}'. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.`,
        "invalid_value",
      );
    }
    return id.startsWith(prefix)
      ? undefined
      : problem(param, `Invalid '${param}': '${id}'. Expected an ID that begins with '${prefix}'.`, "invalid_value");
  });
}

const prefixes: ReadonlyMap<string, string> = new Map([
  ["message", "msg"],
  ["function_call", "fc"],
  ["reasoning", "rs"],
]);

/**
 * Sources: https://github.com/agentjido/req_llm/pull/454 (a call without its output), https://github.com/james-6-23/codex2api/issues/414
 * (an output without its call).
 */
function callPairs({ body }: Checked): Problem | undefined {
  const items = objectsOf(body.input);
  const ids = (type: string) => new Set(items.filter((item) => item.type === type).map(({ call_id }) => call_id));
  const [calls, outputs] = [ids("function_call"), ids("function_call_output")];
  const missing = [...calls].find((id) => !outputs.has(id));
  if (missing !== undefined) return problem("input", `No tool output found for function call ${missing}.`);
  // The call may be in what the API keeps.
  const isStored =
    body.previous_response_id || body.conversation || items.some(({ type }) => type === "item_reference");
  const stray = isStored ? undefined : [...outputs].find((id) => !calls.has(id));
  return stray === undefined
    ? undefined
    : problem("input", `No tool call found for function call output with call_id ${stray}.`);
}

/** Source: https://github.com/continuedev/continue/issues/8933, https://github.com/openai/openai-node/issues/1567 */
function reasoning({ body }: Checked): Problem | undefined {
  const items = objectsOf(body.input);
  return firstOf(items, ({ type, id }, index) => {
    if (type !== "reasoning" || isModelsOwn(items[index + 1])) return undefined;
    return problem("input", `Item '${id}' of type 'reasoning' was provided without its required following item.`);
  });
}

function isModelsOwn(item: Record<string, unknown> | undefined): boolean {
  if (!item) return false;
  const { type = "message", role } = item;
  return type === "message" ? role === "assistant" : !/_output$|^item_reference$|_response$/.test(String(type));
}

function images({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.input), (item, index) => {
    const [member, parts] = item.type === "function_call_output" ? ["output", item.output] : ["content", item.content];
    return firstOf(listOf(parts), ({ type, image_url }, part) =>
      type === "input_image" ? imageProblem(image_url, `input[${index}].${member}[${part}].image_url`) : undefined,
    );
  });
}

/** The functions and the format of a request that have a schema. */
function schemasOf({ tools, text }: Checked["body"]) {
  const functions = listOf(tools).flatMap(({ type, name, parameters, strict }, index) =>
    type === "function" && isObject(parameters)
      ? [{ name: `function '${name}'`, param: `tools[${index}].parameters`, schema: parameters, strict }]
      : [],
  );
  const { name, schema, strict } = text?.format ?? {};
  if (!isObject(schema)) return functions;
  return [...functions, { name: `response_format '${name}'`, param: "text.format.schema", schema, strict }];
}

function schemaRoots({ body }: Checked): Problem | undefined {
  return firstOf(schemasOf(body), ({ schema, ...place }) => rootProblem(schema, place));
}

function strictSchemas({ body }: Checked): Problem | undefined {
  return firstOf(schemasOf(body), ({ schema, strict, ...place }) =>
    strict === true ? strictProblem(schema, place) : undefined,
  );
}
