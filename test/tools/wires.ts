import { type CallOptions, type CallResponse, call, type Message, type PromptValue } from "callwright";
import type { WireRequest, WireServer } from "callwright/testing";

export type ProviderName = "openai" | "anthropic";

/** Both wires, for tests of what is sent. */
export const providers: readonly ProviderName[] = ["openai", "anthropic"];

const models = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

export interface Way {
  readonly provider: ProviderName;
  readonly stream: boolean;
}

/** Both wires, plain and streamed, for tests of what comes of an answer: all four must agree. */
export const ways = providers.flatMap((provider): [title: string, way: Way][] => [
  [provider, { provider, stream: false }],
  [`${provider}, streamed`, { provider, stream: true }],
]);

/** One call; of a stream, all that it gave. */
export async function ask(
  server: WireServer,
  { provider, stream }: Way,
  options: CallOptions,
  prompt: PromptValue = "Go on.",
): Promise<CallResponse<any>> {
  const all = { ...options, ...server[provider] };
  if (!stream) return call(models[provider], all)(() => prompt)();
  const streamed = await call(models[provider], { ...all, stream: true })(() => prompt)();
  return streamed.response();
}

/** Runs the tools of a response and sends what they gave, as a user does; gives the request that carried it. */
export async function sendResults(
  server: WireServer,
  way: Way,
  response: CallResponse<any>,
  options: CallOptions = {},
): Promise<WireRequest> {
  const messages: Message[] = [...response.messages, ...(await response.runTools())];
  server.reply({ text: "Done." });
  await ask(server, way, options, messages);
  return server.requests.at(-1)!;
}

/** What a request offers, in one form for both wires. */
export function offersOf({ wire, body }: WireRequest) {
  return body.tools.map((tool: any) => {
    const { name, description, strict } = wire === "openai" ? tool.function : tool;
    return { name, description, strict, schema: wire === "openai" ? tool.function.parameters : tool.input_schema };
  });
}

/** The results that a request carries, in one form for both wires; OpenAI's has no flag for errors but says so. */
export function resultsOf({ wire, body }: WireRequest): { id: string; content: unknown; isError: boolean }[] {
  if (wire === "openai")
    return body.messages
      .filter((message: any) => message.role === "tool")
      .map(({ tool_call_id: id, content }: any) => ({
        id,
        content: content.replace(/^Error: /, ""),
        isError: content.startsWith("Error: "),
      }));
  return body.messages
    .flatMap((message: any) => (Array.isArray(message.content) ? message.content : []))
    .filter((block: any) => block.type === "tool_result")
    .map(({ tool_use_id: id, content, is_error: isError = false }: any) => ({ id, content, isError }));
}
