import { ConfigurationError } from "../errors.js";
import { answerRequest } from "../gateway/completion.js";
import type { ChatCompletion, ChatCompletionChunk } from "../gateway/wire.js";
import type { Message } from "../message.js";
import type { Model, Params, ToolDefinition } from "../model.js";
import { OutputStream } from "../output/stream.js";
import { CallResponse } from "../response.js";
import { runInScope } from "../scope.js";
import { Session } from "../session/session.js";
import { paramsOf } from "../settings.js";
import { CallStream } from "../stream.js";
import { onAbort } from "../wait.js";
import type { ChatRequest } from "./chat-request.js";
import { type Answer, chunksOf, completionOf } from "./completion-chunks.js";
import { RequestError } from "./public-error.js";

/** What a client asked for, beside its messages. */
export interface ServedRequest {
  /** The name that was asked for. */
  readonly name: string;
  /** Temperature and the like, in callwright's words. */
  readonly params: Params;
  /** The client's own tools, as definitions without code: a model takes them, a call does not. */
  readonly tools: readonly ToolDefinition[];
  /** Whether a stream was asked for. Either kind of answer becomes what was asked for. */
  readonly stream: boolean;
  /** Aborts when the client leaves. Calls in the function are aborted with it. */
  readonly signal: AbortSignal;
  readonly headers: Headers;
  /** The body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A function of the request's messages that ends in a call. */
export type ServedFunction = (messages: Message[], request: ServedRequest) => Answer | PromiseLike<Answer>;

/** What can be served. A session is one conversation, shared by all who ask. */
export type Served = ServedFunction | Model | Session;

/** Answers one request, whole or as chunks. */
export type Server = (
  request: ChatRequest,
  around: { readonly signal: AbortSignal; readonly headers: Headers },
) => Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>;

/** @throws ConfigurationError for what cannot be served. */
export function serve(name: string, served: Served): Server {
  if (Session.isInstance(served)) return serveFunction(turnOf(served));
  if (typeof served === "function") return serveFunction(served);
  if (typeof served?.run === "function" && typeof served.id === "string")
    return (request, { signal }) => answerRequest({ ...request, layer: { ...request.layer, model: served, signal } });
  throw new ConfigurationError(
    `handler() cannot serve ${JSON.stringify(name)}. Give it a function of the messages that ends in a call, a model or a session.`,
  );
}

function serveFunction(served: ServedFunction): Server {
  return async (request, { signal, headers }) => {
    const { name, messages, layer, tools = [], stream, includeUsage, body } = request;
    const asked: ServedRequest = { name, params: paramsOf(layer), tools, stream, signal, headers, body };
    const answer = await runInScope({ signal }, async () => served([...messages], asked));
    if (!(CallResponse.isInstance(answer) || CallStream.isInstance(answer)))
      throw new ConfigurationError(
        `The function ${JSON.stringify(name)} gave ${kindOf(answer)}, neither a CallResponse nor a CallStream. Let it return what a call without responseModel makes.`,
      );
    // Also a stream that was begun elsewhere ends with the request.
    if (CallStream.isInstance(answer)) onAbort(signal, () => answer.abort(signal.reason));
    return stream ? chunksOf(answer, includeUsage) : completionOf(answer);
  };
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return OutputStream.isInstance(value) ? "an OutputStream" : "another object";
}

/** The session knows what was said before, so only what is new is said to it. */
function turnOf(session: Session): ServedFunction {
  return (messages, { params, stream, signal }) => {
    const said = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
    if (messages.some(({ role }) => role === "system"))
      throw badMessages("must not hold a system message: this model has its own.");
    if (said.length === 0) throw badMessages("must end with something new: the last one is an answer.");
    return stream ? session.stream(said, { ...params, signal }) : session.send(said, { ...params, signal });
  };
}

function badMessages(problem: string): RequestError {
  return new RequestError(400, "invalid_request", `messages ${problem}`, { param: "messages" });
}
