import { ConfigurationError } from "../errors.js";
import { type ModelEvent, type ModelRequest, type OutputDefinition, outputToolDescription } from "../model.js";

/**
 * Asks for an answer by a tool where the provider cannot hold it to its schema, and shows the arguments of that tool's call as
 * the text of the answer. So a request that was made for one provider is right for another, such as the next of a fallback.
 */
export async function* answerByTool(
  run: (request: ModelRequest) => AsyncIterable<ModelEvent>,
  request: ModelRequest,
  output: OutputDefinition,
): AsyncGenerator<ModelEvent, void> {
  const asText = textOf(output.name);
  for await (const event of run(withTool(request, output))) yield* asText(event);
}

function withTool(request: ModelRequest, { name, schema }: OutputDefinition): ModelRequest {
  const { tools = [], toolChoice } = request;
  if (tools.some((tool) => tool.name === name)) {
    throw new ConfigurationError(
      `The value is asked for by a tool ${name}. Give your own of that name another { name }.`,
    );
  }
  const asked = { name, description: outputToolDescription, schema, strict: false };
  const mayUseTools = tools.length > 0 && toolChoice !== "none";
  return {
    ...request,
    output: undefined,
    tools: [...tools, asked],
    toolChoice: typeof toolChoice === "object" ? toolChoice : mayUseTools ? "required" : { name },
  };
}

/** Turns the calls of one tool into text. What the model says beside such a call is left out, as in tool mode. */
function textOf(name: string): (event: ModelEvent) => ModelEvent[] {
  let index: number | undefined;
  let callsOthers = false;
  let said = "";
  return (event) => {
    const { more } = event;
    const text = (delta: string): ModelEvent => ({ type: "text-delta", text: delta, ...(more && { more }) });
    switch (event.type) {
      case "text-delta":
        said += event.text;
        return [text("")];
      case "tool-start":
        if (event.name !== name) callsOthers = true;
        else if (index === undefined) {
          index = event.index;
          return [text("")];
        }
        return [event];
      case "tool-delta":
        return [event.index === index ? text(event.arguments) : event];
      case "tool-end":
        return [event.index === index ? text("") : event];
      case "finish": {
        const reason = event.reason === "tool-calls" && !callsOthers ? "stop" : event.reason;
        const finish = { ...event, reason };
        return index === undefined && said ? [{ type: "text-delta", text: said, more: true }, finish] : [finish];
      }
      default:
        return [event];
    }
  };
}
