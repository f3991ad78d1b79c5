import { ConfigurationError } from "../errors.js";
import { answerRequest } from "../gateway/completion.js";
import type { ChatCompletion, ChatCompletionChunk } from "../gateway/wire.js";
import type { Message } from "../message.js";
import { isModel, type Model, type Params, type ToolDefinition } from "../model.js";
import { type MadeValue, onMadeValue } from "../output/made-value.js";
import { OutputStream } from "../output/stream.js";
import { own } from "../own.js";
import { callFacts } from "../prompt/call-decorator.js";
import { CallResponse } from "../response.js";
import { runInScope } from "../scope.js";
import { Session } from "../session/session.js";
import { layerOfModel, paramsOf } from "../settings.js";
import { CallStream } from "../stream.js";
import { onAbort } from "../wait.js";
import { type ChatRequest, checkResults } from "./chat-request.js";
import { type Answer, chunksOf, completionOf } from "./completion-chunks.js";
import { RequestError } from "./public-error.js";
import { functionFault, requestFault } from "./request-fault.js";
import { readOutput, type ValueAnswer, valueChunks, valueCompletion } from "./value-answer.js";

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

/** What a call makes: a response, a stream, or the value of its `responseModel` or `outputParser`. */
type Made = Answer | OutputStream<unknown> | object | string | number | boolean | null;

/** A function of the request's messages that ends in a call. */
export type ServedFunction = (messages: Message[], request: ServedRequest) => Made | PromiseLike<Made>;

/** What can be served. A session is one conversation, shared by all who ask. */
export type Served = ServedFunction | Model | Session;

/** Answers one request, whole or as chunks. */
export type Server = (
  request: ChatRequest,
  around: { readonly signal: AbortSignal; readonly headers: Headers },
) => Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>;

/** @throws ConfigurationError for what cannot be served. */
export function serve(name: string, served: Served): Server {
  if (Session.isInstance(served))
    return serveFunction(turnOf(served), (error, request) => requestFault(error, request, undefined));
  if (typeof served === "function") {
    const server = serveFunction(served, functionFault);
    return async (request, around) => {
      checkResults(request);
      return server(request, around);
    };
  }
  if (isModel(served)) return serveModel(served);
  throw new ConfigurationError(
    `handler() cannot serve ${JSON.stringify(name)}. Give it a function of the messages that ends in a call, a model or a session.`,
  );
}

function serveModel(model: Model): Server {
  const ahead = Number(Boolean(layerOfModel.get(model)?.system));
  return async (request, { signal }) => {
    checkResults(request);
    try {
      return await answerRequest({ ...request, layer: { ...request.layer, model, signal } });
    } catch (error) {
      throw requestFault(error, request, ahead);
    }
  };
}

/** @param faultOf The error for the client, if what it sent is to blame; otherwise the error as it is. */
function serveFunction(served: ServedFunction, faultOf: (error: unknown, request: ChatRequest) => unknown): Server {
  return async (request, { signal, headers }) => {
    const { name, messages, layer, tools = [], stream, includeUsage, body } = request;
    const asked: ServedRequest = { name, params: paramsOf(own(layer)), tools, stream, signal, headers, body };
    const made: MadeValue[] = [];
    const scope = onMadeValue({ signal }, (value) => void made.push(value));
    const answer = await runInScope(scope, async () => served([...messages], asked)).catch((error) => {
      throw faultOf(error, request);
    });
    // Also a stream that was begun elsewhere ends with the request.
    if (CallStream.isInstance(answer) || OutputStream.isInstance(answer))
      onAbort(signal, () => answer.abort(signal.reason));
    if (CallResponse.isInstance(answer) || CallStream.isInstance(answer))
      return stream ? chunksOf(answer, includeUsage) : completionOf(answer);
    if (OutputStream.isInstance(answer))
      return stream ? valueChunks(() => readOutput(answer), includeUsage) : valueCompletion(await readOutput(answer));
    const value = made.findLast((each) => Object.is(each.value, answer)) ?? valueOfCall(served, answer);
    if (value) return stream ? valueChunks(() => value, includeUsage) : valueCompletion(value);
    throw new ConfigurationError(
      `The function ${JSON.stringify(name)} returned ${kindOf(answer)} that no call made. Let it return what a call returns: a response, a stream, or the value of a responseModel.`,
    );
  };
}

/** A call that is served itself makes values, also on platforms whose scopes do not last over an await. */
function valueOfCall(served: ServedFunction, value: unknown): ValueAnswer | undefined {
  return callFacts.of(served) && value !== undefined ? { value, parsed: typeof value === "string" } : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
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
