import type { Strictness } from "./check.js";
import { mistralShape, mistralWords, unreadable } from "./mistral-shape.js";
import { argumentTexts } from "./openai-chat.js";
import { type Checked, firstOf, isObject, listOf, objectsOf, type Problem, type Rule } from "./problem.js";
import { problemOf } from "./shape.js";

/**
 * What Mistral's Chat Completions refuse, in the order in which it is looked for.
 * Source: https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/protocol/instruct/validator.py
 */
const rules: readonly Rule[] = [
  {
    title:
      "A member that is missing, unknown or of the wrong type, also in a message (status 422), such as `max_completion_tokens`, `stream_options`, `reasoning_content`",
    check: ({ body }) => problemOf(body, mistralShape, mistralWords),
  },
  {
    title:
      "Roles out of order: a user or system message right behind a tool's, a system message behind the assistant's, an assistant's message as the last without `prefix`",
    check: order,
  },
  { title: "Ids of calls that are not nine letters and digits", check: ids },
  { title: "Names of functions that do not match `^[a-zA-Z0-9_-]{1,64}$`, also in the history", check: names },
  { title: "An assistant message with neither content nor calls", check: emptyAssistant },
  { title: "`arguments` that are not the text of a JSON object", check: argumentTexts },
  { title: "Another number of `tool` messages than calls before them", check: counts },
];

export const mistralStrictness: Strictness = { rules, unreadable };

/** Source of the codes: https://github.com/onyx-dot-app/onyx/issues/6458, https://github.com/nearai/ironclaw/issues/1241 */
const wrongOrder = (message: string): Problem => ({ message, type: "invalid_request_message_order", code: "3230" });
const wrongCall = (message: string): Problem => ({ message, type: "invalid_function_call", code: "3280" });

const followers: ReadonlyMap<string, readonly string[]> = new Map([
  ["system", ["user", "assistant", "system"]],
  ["user", ["assistant", "system", "user"]],
  ["assistant", ["assistant", "user", "tool"]],
  ["tool", ["assistant", "tool"]],
]);

function order({ body }: Checked): Problem | undefined {
  const messages = objectsOf(body.messages);
  const last = messages.at(-1);
  if (last?.role === "assistant" && !last.prefix) {
    return wrongOrder("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant");
  }
  return firstOf(messages, ({ role }, index) => {
    const before = messages[index - 1]?.role;
    if (before === undefined)
      return role === "tool" ? wrongOrder("Conversation must start with a user message or system message") : undefined;
    return followers.get(before)?.includes(role)
      ? undefined
      : wrongOrder(`Unexpected role '${role}' after role '${before}'`);
  });
}

function ids({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.messages), ({ tool_calls, tool_call_id }) => {
    const given = [...objectsOf(tool_calls).map(({ id }) => id), ...(tool_call_id === undefined ? [] : [tool_call_id])];
    const wrong = given.find((id) => !/^[a-zA-Z0-9]{9}$/.test(id));
    if (wrong === undefined) return undefined;
    return wrongCall(`Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`);
  });
}

function names({ body }: Checked): Problem | undefined {
  const called = objectsOf(body.messages).flatMap(({ tool_calls }) => objectsOf(tool_calls));
  const all = [...called, ...objectsOf(body.tools)].flatMap(({ function: named }) =>
    isObject(named) ? [named.name] : [],
  );
  const wrong = all.find((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name));
  if (wrong === undefined) return undefined;
  return wrongCall(
    `Function name was ${wrong} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.`,
  );
}

/** Source: https://github.com/OpenHands/OpenHands/issues/8685 */
function emptyAssistant({ body }: Checked): Problem | undefined {
  return firstOf(objectsOf(body.messages), ({ role, content, tool_calls }) => {
    if (role !== "assistant" || listOf(tool_calls).length > 0 || (content && content.length > 0)) return undefined;
    return {
      message: "Assistant message must have either content or tool_calls, but not none.",
      type: "invalid_request_assistant_message",
      code: "3240",
    };
  });
}

/** Source: https://github.com/mistralai/client-ts/issues/106 */
function counts({ body }: Checked): Problem | undefined {
  let expected = 0;
  for (const { role, tool_calls } of objectsOf(body.messages)) {
    if (role === "tool") expected--;
    else if (expected !== 0) break;
    else if (role === "assistant") expected = listOf(tool_calls).length;
  }
  return expected === 0 ? undefined : wrongOrder("Not the same number of function calls and responses");
}
