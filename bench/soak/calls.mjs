import { z } from "zod";
import { call, responseOf, retry, tool } from "../../dist/index.js";

const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" };
const Book = z.object({ title: z.string(), id: z.number() });
const lookUp = tool({ name: "look_up", description: "Looks up a call.", input: z.object({ id: z.number() }) })(
  async ({ id }) => {
    if (id < 0) throw new Error("There is no such call.");
    return `call ${id}`;
  },
);

/** One call function for each wire and mode; each takes what is special to one call. */
export function callsOf(access, signal, ledger) {
  // Innermost, so that it sees every try; the default retry steps aside for this one.
  const use = [retry({ delayMs: (attempt) => 5 * attempt }), (model) => counted(model, ledger)];
  const made = new Map();
  return ({ wire, mode, fault }) => {
    const key = `${wire} ${mode.name} ${fault?.unreachable}`;
    const options = {
      ...access[wire],
      // Nobody listens at the discard port.
      ...(fault?.unreachable && { baseURL: unreachable }),
      signal,
      use,
      ...(mode.streamed && { stream: true }),
      ...(mode.tools && { tools: [lookUp], maxSteps: 3 }),
      ...(mode.value && { responseModel: Book }),
    };
    if (!made.has(key))
      made.set(
        key,
        call(references[wire], options)((config) => config),
      );
    return made.get(key);
  };
}

export const unreachable = "http://127.0.0.1:9";

function counted(model, ledger) {
  return {
    id: model.id,
    async *run(request) {
      const { id } = request.metadata;
      // A call that is aborted already sends nothing.
      if (!request.signal?.aborted) ledger.tries[id]++;
      for await (const event of model.run(request)) {
        if (event.type === "finish") ledger.used[id] += event.usage?.totalTokens ?? 0;
        yield event;
      }
    },
  };
}

/** Makes the call of a plan, as its caller would; gives what came of it, or throws. */
export async function make({ id, mode, fault }, invoke, controllers) {
  const { caller } = fault ?? {};
  const controller = caller?.startsWith("aborts") ? new AbortController() : undefined;
  if (caller === "aborts before") controller.abort(new Error("The caller has gone."));
  if (caller === "aborts on arrival") controllers.set(id, controller);
  const config = { messages: `Call #${id}`, metadata: { id }, signal: controller?.signal, timeouts: fault?.settings };
  const result = await invoke(config);
  if (mode.value) return { content: result.title, tokens: tokensOf(responseOf(result)) };
  if (!mode.streamed) return { content: lastOf(result), tokens: tokensOf(result) };
  if (caller === "drops") return { dropped: true };
  return read(result, caller, controller);
}

async function read(stream, caller, controller) {
  let content = "";
  let chunks = 0;
  for await (const [chunk] of stream) {
    content += chunk.content;
    if (++chunks < 3) continue;
    if (caller === "aborts in mid-stream") controller.abort(new Error("The caller has gone."));
    if (caller === "breaks") break;
  }
  const response = await stream.response();
  if (content !== stream.content) throw new Error("The chunks are not the content.");
  return { content: lastOf(response), tokens: tokensOf(response) };
}

/** Of all steps, as the caller adds them up. */
function tokensOf(response) {
  return response.steps.reduce((sum, { usage }) => sum + (usage?.totalTokens ?? 0), 0);
}

function lastOf(response) {
  return response.steps.at(-1).content;
}
