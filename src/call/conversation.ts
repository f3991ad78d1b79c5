import type { Warning } from "../answer.js";
import { collect } from "../collect.js";
import { type TimeoutError, ToolLoopError } from "../errors.js";
import { whyIncomplete } from "../incomplete.js";
import type { Message } from "../message.js";
import { type CallContext, type ModelRequest, providerOf, type ToolChoice, type ToolDefinition } from "../model.js";
import { own } from "../own.js";
import { loadPrices } from "../pricing.js";
import { addWarning, type CallResponse, type Origin } from "../response.js";
import { runInScope } from "../scope.js";
import { type CallStream, openStream, type StreamControls } from "../stream.js";
import { defaultTimeouts, timedOut } from "../transport/attempt.js";
import { after, linkSignals, now } from "../wait.js";
import { type Setup, setupFor, toRequest } from "./setup.js";

/** How a conversation is led, beside its setup. */
export interface Lead {
  /** How many answers at most, while the model asks for tools. */
  readonly maxSteps: number;
  /** What the request says beside its setup, such as the schema of the answer. */
  readonly request?: Partial<ModelRequest> | undefined;
  /** Why the call would refuse an answer; undefined if it would not. */
  readonly whyRefused?: CallContext["whyRefused"];
  /** A tool that stands for the call's value: it is offered, and never run. */
  readonly outputTool?: ToolDefinition | undefined;
  /** Whether the answer stands for a value; one that asks for tools does not, so that even one step runs into its limit. */
  readonly forValue?: boolean | undefined;
  /** Answers that were asked for before and did not fit; they count among the steps, and not against the limit. */
  readonly refused?: readonly CallResponse<unknown>[] | undefined;
  /** Ends a stream as well. */
  readonly signal?: AbortSignal | undefined;
  /** A change of the scope for the tools, which run in the context of whoever reads a stream. */
  readonly toolScope?: object | undefined;
  /** What `resume` begins from, where the setup is for one request only. @default the setup */
  readonly base?: Setup | undefined;
}

/** Asks until no tool is wanted, or an answer is not whole. @throws ToolLoopError at the limit of steps. */
export async function converse<T>(setup: Setup, messages: readonly Message[], lead: Lead): Promise<CallResponse<T>> {
  const { layer, model } = setup;
  const { signals = [] } = layer;
  const linked = signals.length > 1 ? linkSignals(signals) : undefined;
  const prices = loadPrices();
  try {
    const signal = linked?.controller.signal ?? signals.at(0);
    const request = { ...withCheck(await toRequest(setup, messages), lead), ...lead.request, signal };
    const response = await collect<T>(model, firstOrigin(setup, request, lead));
    // A call that fails does not wait for its price.
    const unpriced = await prices;
    if (unpriced) addWarning(response, unpriced);
    return response;
  } finally {
    linked?.unlink();
  }
}

/** The same as a stream; it has a signal of its own, by which it is ended from outside. */
export async function converseStreamed<T>(
  setup: Setup,
  messages: readonly Message[],
  lead: Lead,
  onEnd?: StreamControls["onEnd"],
): Promise<CallStream<T>> {
  const { request, controls } = await prepareStream(setup, messages, lead);
  const prices = loadPrices();
  let unpriced: Warning | undefined;
  const ended: StreamControls["onEnd"] = (response) => {
    if (response && unpriced) addWarning(response, unpriced);
    onEnd?.(response);
  };
  const stream = await openStream<T>(setup.model, firstOrigin(setup, request, lead), { ...controls, onEnd: ended });
  unpriced = await prices;
  return stream;
}

/** The request of a stream, and what ends it from outside. */
export async function prepareStream(
  setup: Setup,
  messages: readonly Message[],
  lead: Lead,
): Promise<{ request: ModelRequest; controls: StreamControls }> {
  const request = withCheck(await toRequest(setup, messages), lead);
  // Linked last, so that nothing can fail while the link holds.
  const { signals = [] } = setup.layer;
  const controls = linkSignals(lead.signal ? [...signals, lead.signal] : signals);
  return { request: { ...request, ...lead.request, stream: true, signal: controls.controller.signal }, controls };
}

function withCheck(request: ModelRequest, lead: Lead): ModelRequest {
  const { whyRefused } = own(lead);
  return whyRefused ? { ...request, context: { ...request.context, whyRefused } } : request;
}

function firstOrigin(setup: Setup, request: ModelRequest, lead: Lead): Origin {
  const { outputTool } = lead;
  const refused = lead.refused ?? [];
  if (!outputTool) return originOf(setup, request, lead, refused);
  const tools = [...(request.tools ?? []), outputTool];
  const toolChoice: ToolChoice = request.tools ? "required" : { name: outputTool.name };
  return originOf(setup, { ...request, tools, toolChoice }, lead, refused);
}

function originOf(setup: Setup, request: ModelRequest, lead: Lead, previous: readonly CallResponse<unknown>[]): Origin {
  const { maxSteps, outputTool } = lead;
  return {
    request,
    toolkit: setup.toolkit,
    signals: setup.layer.signals ?? [],
    outputTool: outputTool?.name,
    price: setup.layer.price && { provider: providerOf(setup.model), price: setup.layer.price },
    previous,

    async next(response) {
      // What was cut off has no next step: asked again with error results, it would most likely be cut off again.
      if (whyIncomplete(response) !== undefined) return undefined;
      const { toolCalls } = response;
      const hasValue = toolCalls.some(({ name }) => name === outputTool?.name);
      const isLast = maxSteps === 1 && !(lead.forValue && setup.toolkit);
      if (toolCalls.length === 0 || hasValue || isLast) return undefined;
      if (previous.length - (lead.refused?.length ?? 0) + 1 >= maxSteps) {
        throw new ToolLoopError(
          `The model still asks for tools after ${maxSteps} step${maxSteps === 1 ? "" : "s"}. Raise maxSteps, or look at the transcript.`,
          { transcript: response.messages, response },
        );
      }
      const run = () => runInTime(response, request);
      const results = await (lead.toolScope ? runInScope(lead.toolScope, run) : run());
      const messages = [...response.messages, ...results];
      return originOf(setup, { ...request, messages, toolChoice: relaxed(request.toolChoice, lead) }, lead, [
        ...previous,
        response,
      ]);
    },

    async again(messages, settings) {
      const base = lead.base ?? setup;
      // The setup says its system message anew.
      const said = messages.slice(Number(Boolean(setup.layer.system)));
      return converse(setupFor(base, settings), said, { maxSteps, base });
    },
  };
}

/** Runs the tools of a step within what is left of the call's time. @throws TimeoutError of the total. */
async function runInTime(response: CallResponse<unknown>, { signal, context }: ModelRequest): Promise<Message[]> {
  const { controller, unlink } = linkSignals(signal ? [signal] : []);
  const totalMs = context?.timeouts?.totalMs ?? defaultTimeouts.totalMs;
  let late: TimeoutError | undefined;
  const cancel = after(context?.deadline === undefined ? totalMs : context.deadline - now(), () => {
    late = timedOut("total", totalMs);
    controller.abort(late);
  });
  try {
    return await response.runTools({ signal: controller.signal });
  } catch (error) {
    throw late ?? error;
  } finally {
    cancel();
    unlink();
  }
}

/** A tool that was forced has run; forced again and again it would never let the model answer. */
function relaxed(choice: ToolChoice | undefined, lead: Lead): ToolChoice | undefined {
  return lead.outputTool || choice === "none" || choice === "auto" ? choice : undefined;
}
