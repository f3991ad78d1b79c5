import { ConfigurationError, RefusalError } from "../errors.js";
import { whyIncomplete } from "../incomplete.js";
import type { Message } from "../message.js";
import { CallResponse } from "../response.js";
import { CallStream } from "../stream.js";
import type { ToolLike } from "../tool/function-tool.js";
import { AgentReplyError } from "./errors.js";
import type { SimRequest } from "./request.js";

/** What the agent says to the user. */
export interface SimReply {
  readonly response: string;
}

/** A function that a simulator talks to. */
export interface Agent {
  /**
   * Answers one turn. `signal` aborts when the turn's time is over; calls of a model that are made inside are aborted
   * with it, without passing it along.
   */
  completion(request: SimRequest, context: { readonly signal: AbortSignal }): SimReply | Promise<SimReply>;
  /** What the agent can do, for those who look at it; calls bring their own tools. */
  readonly tools?: readonly ToolLike[] | undefined;
}

/** What a decorated call of a conversation gives. */
type Answer = CallResponse<unknown> | CallStream<unknown> | SimReply | string;
type AnswerMaker = (messages: readonly Message[], request: SimRequest) => Answer | Promise<Answer>;

const brand = Symbol.for("callwright.agent");

/**
 * Makes an agent: of an object with `completion`, or straight of a call that takes the messages of a conversation.
 *
 * @throws ConfigurationError where it is neither.
 */
export function defineAgent(agent: Agent | AnswerMaker): Agent {
  if (typeof agent === "function") {
    return branded({
      completion: async (request) => ({ response: await textOf(await agent(request.messages, request)) }),
    });
  }
  if (typeof agent?.completion !== "function")
    throw new ConfigurationError(
      "defineAgent takes { completion(request, { signal }) } that gives { response }, or a function of the messages, such as a call.",
    );
  return branded(agent);
}

function branded(agent: Agent): Agent {
  // A getter or a method of a class stays what it is: the agent itself is marked, not a copy.
  return Object.isExtensible(agent) ? Object.defineProperty(agent, brand, { value: true, configurable: true }) : agent;
}

/** Whether `defineAgent` of any copy of the package made it. */
export function isAgent(value: unknown): value is Agent {
  return typeof value === "object" && value !== null && typeof (value as Partial<Agent>).completion === "function";
}

/** @throws RefusalError; AgentReplyError if there is no text, or only a part of it. */
async function textOf(answer: unknown): Promise<string> {
  if (typeof answer === "string") return answer;
  const response = CallStream.isInstance(answer) ? await answer.response() : answer;
  if (!CallResponse.isInstance(response)) return readReply(response).response;
  if (response.refusal !== undefined)
    throw new RefusalError("The model refused to answer. Read error.response.refusal for what it said.", {
      response: response as CallResponse,
    });
  const why = whyIncomplete(response);
  if (response.finishReason === "content-filter")
    throw new RefusalError(`The answer ${why}.`, { response: response as CallResponse });
  if (why !== undefined)
    throw new AgentReplyError(
      `The model's answer ${why}, so it is only a part of a response. Raise maxTokens, or return { response } yourself to reply with what came.`,
    );
  if (response.content === "" && response.toolCalls.length > 0)
    throw new AgentReplyError(
      "The model asked for tools and said nothing, so there is no text for `response`. Give the call maxSteps, so that the tools run.",
    );
  return response.content;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** @throws AgentReplyError that names what came instead of `{ response: "…" }`. */
export function readReply(reply: unknown): SimReply {
  const response = isObject(reply) ? reply.response : undefined;
  if (typeof response === "string" && response.trim() !== "") return { response };
  throw new AgentReplyError(
    `An agent gives { response: "…" }, a text that is not empty; this one gave ${shown(reply)}.`,
  );
}

function shown(reply: unknown): string {
  if (!isObject(reply)) return reply === undefined ? "undefined" : `a ${reply === null ? "null" : typeof reply}`;
  if (Array.isArray(reply)) return "a list";
  if ("response" in reply) {
    const { response } = reply;
    if (typeof response === "string") return "an empty response";
    return `a response that is ${response === null ? "null" : `of the type ${typeof response}`}`;
  }
  const names = Object.keys(reply).slice(0, 5).join(", ");
  return `{ ${names} } without a response`;
}
