import { getEventListeners } from "node:events";
import { call, completion, fallback, type Message, type Model, model, override, RefusalError } from "callwright";
import { AgentReplyError, defineAgent, simRequest } from "callwright/connect";
import { script, type WireReply, type WireServer, wireServer } from "callwright/testing";
import { handler, toResponse } from "callwright/web";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";
import { allEvents } from "../web/events.js";
import { accessOf, eraser, referenceOf, type Target } from "./targets.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const called = { name: "erase", args: { path: "/tmp" }, id: "call_1" };
const tools = [{ type: "function", function: { name: "erase", parameters: { type: "object" } } }];
const question = [{ role: "user", content: "Clean up." }];
const endings = [
  ["length", "length"],
  ["content-filter", "content_filter"],
] as const;

/** Sends a request to a handler, as a client does. */
async function post(serve: ReturnType<typeof handler>, body: object): Promise<string> {
  const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return (await serve(new Request("http://localhost/v1/chat/completions", init))).text();
}

describe.each(["openai", "responses", "anthropic"] as const)("a client of %s behind callwright", (target: Target) => {
  const access = () => accessOf(server, target);
  const cut = (finishReason: "length" | "content-filter"): WireReply => ({
    text: "Erasing.",
    toolCalls: [called],
    finishReason,
  });

  test.each(endings)("gets from completion() no call of an answer with the finish %s", async (finish, told) => {
    server.reply(cut(finish));
    const request = { model: referenceOf(target), messages: question, tools, ...access() } as any;
    const { choices }: any = await completion(request);
    expect(choices[0]?.message).not.toHaveProperty("tool_calls");
    expect([choices[0]?.message.content, choices[0]?.finish_reason]).toEqual(["Erasing.", told]);

    const chunks: any[] = [];
    for await (const chunk of await completion({ ...request, stream: true })) chunks.push(chunk);
    expect(chunks.filter(({ choices: [choice] }) => choice?.delta.tool_calls)).toEqual([]);
    expect(chunks.at(-1).choices[0].finish_reason).toBe(told);
  });

  test("gets from completion() the calls of a whole answer, streamed too, with the finish behind them", async () => {
    server.reply({ text: "Erasing.", toolCalls: [called] });
    const request = { model: referenceOf(target), messages: question, tools, ...access() } as any;
    const whole: any = await completion(request);
    expect(whole.choices[0]?.message.tool_calls).toMatchObject([{ id: "call_1" }]);
    let args = "";
    let finish: unknown;
    for await (const { choices } of await completion({ ...request, stream: true })) {
      const [choice] = choices;
      expect(finish).toBeUndefined();
      args += choice?.delta.tool_calls?.[0]?.function?.arguments ?? "";
      finish = choice?.finish_reason ?? undefined;
    }
    expect([JSON.parse(args), finish]).toEqual([{ path: "/tmp" }, "tool_calls"]);
  });

  test.each(endings)("gets from handler() no call of an answer with the finish %s", async (finish, told) => {
    server.reply(cut(finish));
    const { erase, erased } = eraser();
    const options = { ...access(), tools: [erase] };
    const serve = handler({
      model: model(referenceOf(target), access()),
      whole: (messages: Message[]) => call(referenceOf(target), options)(() => messages)(),
      streamed: (messages: Message[]) => call(referenceOf(target), { ...options, stream: true })(() => messages)(),
    });
    for (const name of ["model", "whole", "streamed"]) {
      for (const stream of [false, true]) {
        const text = await post(serve, { model: name, messages: question, stream, ...(name === "model" && { tools }) });
        expect(text).not.toContain("tool_calls");
        expect(text).toContain(`"finish_reason":"${told}"`);
      }
    }
    expect(erased).toEqual([]);
  });

  test.each(endings)("gets from toResponse() no tool of an answer with the finish %s", async (finish) => {
    server.reply(cut(finish));
    const { erase } = eraser();
    const streaming = call(referenceOf(target), { ...access(), tools: [erase], stream: true });
    const events = await allEvents(toResponse(await streaming(() => "Clean up.")()));
    expect(events.filter(({ event }) => event === "tool")).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: "done", data: { finishReason: finish } });
  });
});

describe("a custom model behind completion()", () => {
  const reading = async (asked: Model) => {
    const chunks: any[] = [];
    await override({ model: asked }, async () => {
      const request = { model: "openai/gpt-4o-mini", messages: question, stream: true } as const;
      for await (const chunk of await completion(request)) chunks.push(chunk.choices[0]);
    });
    return chunks;
  };

  test("that breaks off in its calls has handed out none, so that another can take over", async () => {
    const breaking: Model = {
      id: "test/breaking",
      async *run() {
        yield { type: "tool-start", index: 0, id: "call_0", name: "erase" };
        yield { type: "tool-delta", index: 0, arguments: '{"path":"/"' };
        throw new Error("broke");
      },
    };
    const chunks = await reading(fallback(script([{ toolCalls: [called] }]))(breaking));
    const calls = chunks.flatMap(({ delta }) => delta.tool_calls ?? []);
    expect(calls.map(({ index, id }) => [index, id])).toEqual([
      [0, "call_1"],
      [0, undefined],
    ]);
    expect(calls[1].function.arguments).toBe('{"path":"/tmp"}');
  });

  test("that throws at once leaves no listener on the caller's signal", async () => {
    const { signal } = new AbortController();
    const throwing = (inner: Model): Model => ({
      id: inner.id,
      run() {
        throw new Error("not today");
      },
    });
    const request = { model: "openai/gpt-4o-mini", messages: question, stream: true, signal, use: [throwing] };
    const error = await errorOf(override({ use: [throwing] }, () => completion(request as any)));
    expect(error.message).toContain("not today");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("an agent under test whose model's answer is not whole", () => {
  const request = simRequest({ messages: [{ role: "user", content: "A book?" }], testId: "t1", conversationId: "c1" });
  const context = { signal: new AbortController().signal };
  const replies = (finishReason: "length" | "content-filter" | "pause") =>
    defineAgent(call(script([{ text: "Momo, by", finishReason }]))((all: readonly Message[]) => all));

  test("gives no half reply, but an error that says what happened and what to do", async () => {
    const error = await errorOf(async () => replies("length").completion(request, context));
    expect(error).toBeInstanceOf(AgentReplyError);
    expect(error.message).toMatch(/cut off at the token limit.*Raise maxTokens/);
  });

  test("gives a RefusalError if a filter stopped it", async () => {
    const error = await errorOf(async () => replies("content-filter").completion(request, context));
    expect(error).toBeInstanceOf(RefusalError);
  });
});
