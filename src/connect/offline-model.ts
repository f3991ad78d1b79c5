import { isPlainObject } from "../json.js";
import { textOf } from "../message.js";
import type { Model, ModelEvent, ModelRequest } from "../model.js";
import type { JsonSchema } from "../schema/standard.js";
import { estimateInput, estimateText } from "../tokens.js";

/**
 * A model for trying things out: it asks nobody, and says back what it was told. What must have a form (a typed value, a
 * tool that is forced) gets the smallest thing of that form. Its tokens are estimates.
 */
export function offlineModel(say: (request: ModelRequest) => string = echo): Model {
  return {
    id: "offline/echo",
    async *run(request): AsyncGenerator<ModelEvent> {
      request.signal?.throwIfAborted();
      yield { type: "start", id: "offline", model: "echo" };
      const { tools = [], toolChoice, output } = request;
      const tool =
        typeof toolChoice === "object"
          ? tools.find(({ name }) => name === toolChoice.name)
          : toolChoice === "required"
            ? tools[0]
            : undefined;
      const text = tool
        ? JSON.stringify(sample(tool.schema))
        : output
          ? JSON.stringify(sample(output.schema))
          : say(request);
      if (tool) {
        yield { type: "tool-start", index: 0, id: "offline", name: tool.name };
        yield { type: "tool-delta", index: 0, arguments: text };
        yield { type: "tool-end", index: 0 };
      } else {
        // Word by word, so that what streams is seen to stream.
        for (const piece of text.match(/\s*\S+|\s+$/g) ?? [text]) yield { type: "text-delta", text: piece };
      }
      const [inputTokens, outputTokens] = [estimateInput(request), estimateText(text)];
      const usage = {
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        reasoningTokens: 0,
        totalTokens: inputTokens + outputTokens,
      };
      yield { type: "finish", reason: tool ? "tool-calls" : "stop", usage: { inputTokens, outputTokens, ...usage } };
    },
  };
}

function echo({ messages }: ModelRequest): string {
  const last = messages.findLast(({ role }) => role === "user");
  return `(offline) You said: ${last ? textOf(last) : "nothing"}`;
}

/** The user of a scenario, where no model plays one: says hello, and has what it wants. */
export const offlineUser = offlineModel(({ messages }) =>
  messages.length > 2 ? "[DONE]" : "Hello, I need some help.",
);

/** A small value of a JSON Schema, patterns and limits aside. */
function sample(schema: JsonSchema): unknown {
  const { type, properties, items, anyOf, enum: choices } = schema;
  if ("const" in schema) return schema.const;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return sample(anyOf[0] as JsonSchema);
  switch (Array.isArray(type) ? type[0] : type) {
    case "object":
      return Object.fromEntries(
        Object.entries(isPlainObject(properties) ? properties : {}).map(([name, each]) => [
          name,
          sample(each as JsonSchema),
        ]),
      );
    case "array":
      return Number(schema.minItems) > 0 && isPlainObject(items) ? [sample(items)] : [];
    case "string":
      return "text";
    case "integer":
    case "number":
      return Number(schema.minimum ?? 1);
    case "boolean":
      return true;
    default:
      return null;
  }
}
