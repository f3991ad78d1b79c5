import { assistant, type Message, type Part } from "callwright";
import { expect } from "vitest";
import type { Cell, Outcome } from "./row.js";

export const call = (id: string, name = "weather", args = '{"city":"Oslo"}'): Part => ({
  type: "tool-call",
  id,
  name,
  arguments: args,
});
export const result = (id: string, content: string | readonly Part[] = "12 degrees", isError = false): Message => ({
  role: "tool",
  content: [{ type: "tool-result", id, name: "weather", content, ...(isError && { isError }) }],
});
export const thought = (text: string, origin: string, data?: unknown): Part => ({
  type: "reasoning",
  text,
  origin,
  ...(data !== undefined && { data }),
});
/** An answer that calls tools by these ids, and the results. */
export const round = (...ids: readonly string[]): Message[] => [
  assistant(ids.map((id) => call(id))),
  ...ids.map((id) => result(id, `The result of ${id}`)),
];

/** A call in a request's body, and the text of its result. */
export interface SentCall {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
  readonly result: string;
}

/** The calls of the last request with their results, in order, whatever the wire. */
export function sentCalls({ target, body }: Cell): SentCall[] {
  if (target === "anthropic") {
    const blocks = body.messages.flatMap(({ content }: any) => (typeof content === "string" ? [] : content));
    return blocks
      .filter(({ type }: any) => type === "tool_use")
      .map(({ id, name, input }: any) => {
        const { content } = blocks.find(({ tool_use_id }: any) => tool_use_id === id);
        return { id, name, args: input, result: content };
      });
  }
  if (target === "responses") {
    return body.input
      .filter(({ type }: any) => type === "function_call")
      .map(({ call_id, name, arguments: json }: any) => {
        const found = body.input.find((item: any) => item.type === "function_call_output" && item.call_id === call_id);
        return { id: call_id, name, args: JSON.parse(json), result: found.output };
      });
  }
  return body.messages.flatMap(({ tool_calls = [] }: any) =>
    tool_calls.map(({ id, function: { name, arguments: json } }: any) => {
      const found = body.messages.find((message: any) => message.tool_call_id === id);
      return { id, name, args: JSON.parse(json), result: found.content };
    }),
  );
}

/** The texts of the last request by role, in order; `tool` for results. */
export function sentTexts({ target, body }: Cell): [role: string, text: string][] {
  const textOf = (content: any): string =>
    typeof content === "string" ? content : (content ?? []).map(({ text }: any) => text ?? "").join("");
  const items: any[] = target === "responses" ? body.input : body.messages;
  return items.map(({ role, type, content, output }) => [role ?? type, textOf(content ?? output)]);
}

/** Expects an answer, from a server that refuses what the API would refuse. */
export function answered({ error, response }: Outcome): NonNullable<Outcome["response"]> {
  expect(error).toBeUndefined();
  if (!response) throw new Error("There is no response.");
  return response;
}

export const codesOf = ({ warnings }: NonNullable<Outcome["response"]>) => warnings.map(({ code }) => code);
