import { ConfigurationError } from "../errors.js";
import type { Message } from "../message.js";
import type { Model, ModelRef } from "../model.js";
import { noteValue } from "../output/made-value.js";
import { createOutput, type Output } from "../output/output.js";
import { OutputStream } from "../output/stream.js";
import { readValue, whyRefused } from "../output/value.js";
import { own } from "../own.js";
import type { DynamicConfig } from "../prompt/prompt.js";
import { readPromptValue, requireMessages } from "../prompt/value.js";
import { schemaRulesOf } from "../providers/registry.js";
import type { CallResponse } from "../response.js";
import type { Schema } from "../schema/standard.js";
import { type Layer, overlay } from "../settings.js";
import { converse, converseStreamed, type Lead } from "./conversation.js";
import { type CallOptions, checkOptions } from "./options.js";
import { type Setup, setupFor, toSetup } from "./setup.js";

/** Everything about a call that is known before it is made. */
export interface Plan {
  run(promptValue: unknown): Promise<unknown>;
}

/** @throws ConfigurationError where the options contradict each other or name something that is not there. */
export function createPlan(model: ModelRef | Model, given: CallOptions): Plan {
  const options = own(given);
  checkOptions(options);
  const { stream = false, responseModel, outputMode, outputParser, reask = 0, maxSteps, ...settings } = options;
  const base = toSetup(overlay({}, { ...settings, model }));
  const outputs = new Map<string, Promise<Output>>();

  /** How the value is asked for, made once for each mode and each provider's rules. */
  function outputFor(schema: Schema, modelId: string): Promise<Output> {
    const rules = schemaRulesOf(modelId);
    const mode = outputMode ?? (rules === false ? "tool" : undefined);
    const key = `${mode} ${rules}`;
    const known = outputs.get(key);
    if (known) return known;
    const made = createOutput(schema, mode, rules || undefined);
    outputs.set(key, made);
    // What could not be loaded may be there the next time.
    made.catch(() => outputs.delete(key));
    return made;
  }

  return {
    async run(promptValue) {
      const reading = readPromptValue(promptValue);
      const messages = requireMessages(reading);
      const setup = setupFor(base, toLayer(reading.config));
      if (responseModel) {
        const made = await outputFor(responseModel, setup.model.id);
        const lead = leadOf(made, setup, maxSteps);
        const asked = made.instruction ? [...messages, made.instruction] : messages;
        if (stream) return new OutputStream(await converseStreamed(setup, asked, lead), made);
        return converseUntilValid(setup, asked, lead, made, reask);
      }
      const lead = { maxSteps: maxSteps ?? 1 };
      if (stream) return converseStreamed(setup, messages, lead);
      const response = await converse(setup, messages, lead);
      if (!outputParser) return response;
      const value = await outputParser(response);
      noteValue({ value, response, parsed: true });
      return value;
    },
  };
}

function toLayer(config: DynamicConfig): Layer | undefined {
  if (Object.keys(config).length === 0) return undefined;
  const { params, tools, toolChoice, model, client, signal, timeouts, limits, metadata } = config;
  return { ...params, tools, toolChoice, model, client, signal, timeouts, limits, metadata };
}

/** @throws ConfigurationError where a tool of the call has the name under which the value is asked for. */
function leadOf(output: Output, { toolkit }: Setup, maxSteps: number | undefined): Lead {
  const { tool, definition } = output;
  if (tool && toolkit?.names.includes(tool.name))
    throw new ConfigurationError(
      `The value is asked for by a tool ${tool.name}. Give your own of that name another { name }.`,
    );
  return {
    maxSteps: maxSteps ?? (toolkit ? 10 : 1),
    request: definition && { output: definition },
    outputTool: tool,
    whyRefused: (answer) => whyRefused(output, answer),
    forValue: true,
  };
}

/** @throws ResponseValidationError with the last answer, which holds the whole conversation in `messages`. */
async function converseUntilValid(
  setup: Setup,
  messages: readonly Message[],
  lead: Lead,
  output: Output,
  reask: number,
): Promise<unknown> {
  let asked = messages;
  let refused: readonly CallResponse<unknown>[] = [];
  for (let left = reask; ; left--) {
    const response = await converse(setup, asked, { ...lead, refused });
    const outcome = await readValue(output, response);
    if ("value" in outcome) return outcome.value;
    if (left === 0) throw outcome.error;
    refused = response.steps;
    const said = setup.layer.system ? response.messages.slice(1) : response.messages;
    asked = [...said, ...output.feedback(response, outcome.error.issues)];
  }
}
