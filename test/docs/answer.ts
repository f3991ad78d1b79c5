import type { WireReply, WireRequest } from "callwright/testing";

/** What the server of the docs says by itself: a call of the first tool that is offered, else a line of text. */
export function answer({ body }: WireRequest): WireReply {
  const last = body.messages?.at(-1);
  const answered = last?.role === "tool" || [last?.content].flat().some((part: any) => part?.type === "tool_result");
  const tool = answered ? undefined : body.tools?.[0];
  if (tool === undefined) return { text: ["It", " depends."] };

  const { name, parameters, input_schema: input } = tool.function ?? tool;
  return { toolCalls: [{ name, args: sample(parameters ?? input) }] };
}

/** A small value that a JSON schema accepts, formats and patterns aside. */
function sample(schema: any): unknown {
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0]);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, sample(value)]));
    case "array":
      return [sample(schema.items ?? {})];
    case "string":
      return "text";
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    default:
      return null;
  }
}
