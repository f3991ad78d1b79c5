import { call, type Message, override, responseOf } from "callwright";
import { type HandlerOptions, handler, type Served, toNodeListener } from "callwright/web";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "../calls/wires.js";
import { serve } from "./serving.js";

const Book = z.object({ title: z.string(), year: z.number() });
const momo = { title: "Momo", year: 1973 };
const ask = { model: "served", messages: [{ role: "user" as const, content: "A book?" }] };

async function clientOf(served: Served, options: HandlerOptions = {}): Promise<OpenAI> {
  const address = await serve(toNodeListener(handler({ served }, options)));
  return new OpenAI({ baseURL: `${address}/v1`, apiKey: "any", maxRetries: 0 });
}

/** The answer to a plain and to a streamed request. */
async function bothAnswers(openai: OpenAI): Promise<OpenAI.ChatCompletion[]> {
  const plain = await openai.chat.completions.create(ask);
  const streamed = await openai.chat.completions
    .stream({ ...ask, stream_options: { include_usage: true } })
    .finalChatCompletion();
  return [plain, streamed];
}

onBothWires((wire) => {
  const extract = (options: object) =>
    call(wire.reference, { ...wire.access, ...options } as unknown as { responseModel: typeof Book })(
      (messages: Message[]) => ({
        messages,
      }),
    );

  test.each([
    ["an object", Book, momo, {}],
    ["an object, asked for by a tool", Book, momo, { outputMode: "tool" }],
    ["an object, asked for in words", Book, momo, { outputMode: "text" }],
    ["an object that is streamed", Book, momo, { stream: true }],
    ["a list", z.array(z.string()), ["Momo", "Jim"], {}],
    ["a string", z.string(), "Momo", {}],
    ["a number", z.number(), 1973, {}],
    ["false", z.boolean(), false, {}],
    ["null", z.object({}).nullable(), null, {}],
    ["a choice that is streamed", z.enum(["yes", "no"]), "yes", { stream: true }],
  ])("a call whose responseModel makes %s answers with its JSON", async (_, responseModel, value, options) => {
    const isWrapped = typeof value !== "object" || value === null || Array.isArray(value);
    const said = isWrapped ? { value } : value;
    const reply =
      (options as { outputMode?: string }).outputMode === "tool"
        ? ({ body }: { body: any }) => ({
            toolCalls: [{ name: body.tools[0].function?.name ?? body.tools[0].name, args: said }],
          })
        : { text: JSON.stringify(said) };
    wire.server.reply(reply);
    const recommend = extract({ responseModel, ...options });
    for (const served of [recommend as Served, (async (messages: Message[]) => recommend(messages)) as Served])
      for (const answer of await bothAnswers(await clientOf(served))) {
        const [choice] = answer.choices;
        expect(JSON.parse(choice!.message.content!)).toEqual(value);
        expect(choice!.finish_reason).toBe("stop");
        expect(choice!.message.tool_calls ?? []).toEqual([]);
        expect(answer.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5 });
      }
  });

  test("a value that was asked for again has the tokens of all its answers", async () => {
    wire.server.reply({ text: "{}" }, { text: JSON.stringify(momo) });
    const openai = await clientOf(extract({ responseModel: Book, reask: 1 }) as Served);
    const answer = await openai.chat.completions.create(ask);
    expect(answer.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 10 });
  });

  test("an outputParser answers with its text as it is, and with other values as JSON", async () => {
    wire.server.reply({ text: "momo" });
    const parse = (outputParser: (response: { content: string }) => unknown) => extract({ outputParser }) as Served;
    for (const [served, content] of [
      [parse(({ content }) => content.toUpperCase()), "MOMO"],
      [parse(async ({ content }) => ({ content })), '{"content":"momo"}'],
    ] as const)
      for (const answer of await bothAnswers(await clientOf(served)))
        expect(answer.choices[0]!.message.content).toBe(content);
  });

  test("an answer that does not fit its responseModel is an error, whole or streamed, and never half a value", async () => {
    wire.server.reply({ text: '{"title":"Momo"}' });
    for (const stream of [false, true]) {
      const errors: unknown[] = [];
      const served = extract({ responseModel: Book, stream }) as Served;
      const openai = await clientOf(served, { onError: (error) => void errors.push(error) });
      expect(await errorOf(openai.chat.completions.create(ask))).toMatchObject({
        status: 502,
        code: "response_validation",
      });
      let shown = "";
      const streamed = await errorOf(async () => {
        for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true }))
          shown += choices[0]?.delta.content ?? "";
      });
      expect(streamed.code).toBe("response_validation");
      expect(shown).toBe("");
      expect(errors).toHaveLength(2);
    }
  });

  test("a value that a function made itself is a mistake that its owner is told", async () => {
    wire.server.reply({ text: JSON.stringify(momo) });
    const recommend = extract({ responseModel: Book });
    const errors: any[] = [];
    const served = (async (messages: Message[]) => (await recommend(messages)).title) as Served;
    const openai = await clientOf(served, { onError: (error) => void errors.push(error) });
    expect(await errorOf(openai.chat.completions.create(ask))).toMatchObject({ status: 500 });
    expect(errors[0].message).toMatch(/"served" returned a string that no call made/);
  });

  test("a value that is no JSON is a mistake that its owner is told", async () => {
    wire.server.reply({ text: "1" });
    const errors: any[] = [];
    const served = extract({ outputParser: () => 1n }) as Served;
    const openai = await clientOf(served, { onError: (error) => void errors.push(error) });
    expect(await errorOf(openai.chat.completions.create(ask))).toMatchObject({ status: 500 });
    expect(errors[0].message).toMatch(/cannot be written as JSON/);
  });

  test("a client that leaves aborts a streamed value", async () => {
    async function* onceThenSilence() {
      yield '{"title":';
      await new Promise(() => {});
    }
    wire.server.reply({ text: onceThenSilence() });
    const openai = await clientOf(extract({ responseModel: Book, stream: true }) as Served);
    const controller = new AbortController();
    const stream = await openai.chat.completions.create({ ...ask, stream: true }, { signal: controller.signal });
    const asked = await wire.server.arrived();
    controller.abort();
    await errorOf(async () => {
      for await (const _ of stream);
      throw new Error("aborted");
    });
    await asked.closed;
    expect(asked.aborted).toBe(true);
  });

  test("values of calls inside an override, and beside others, are told apart", async () => {
    wire.server.reply({ text: JSON.stringify({ value: "yes" }) });
    const decide = extract({ responseModel: z.enum(["yes", "no"]) }) as unknown as (m: Message[]) => Promise<string>;
    const served = (async (messages: Message[]) => {
      const [first] = await Promise.all([override({ temperature: 0 }, () => decide(messages)), decide(messages)]);
      return first;
    }) as Served;
    const [answer] = await bothAnswers(await clientOf(served));
    expect(answer!.choices[0]!.message.content).toBe('"yes"');
    expect(wire.server.requests.filter(({ body }) => body.temperature === 0)).toHaveLength(2);
  });

  test("responseOf still knows a value that was served", async () => {
    wire.server.reply({ text: JSON.stringify(momo) });
    const recommend = extract({ responseModel: Book });
    const values: object[] = [];
    const served = (async (messages: Message[]) => {
      const value = await recommend(messages);
      values.push(value);
      return value;
    }) as Served;
    await (await clientOf(served)).chat.completions.create(ask);
    expect(responseOf(values[0]!).usage?.inputTokens).toBe(10);
  });
});
