import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, stepCountIs, streamText, tool } from "ai";
import { call, type Message, model } from "callwright";
import { handler, toNodeListener } from "callwright/web";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "../calls/wires.js";
import { serve } from "./serving.js";

// A client that nobody here wrote, beside the official one.
onBothWires((wire) => {
  let librarian: ReturnType<ReturnType<typeof createOpenAICompatible>>;
  let recommend: typeof librarian;

  beforeEach(async () => {
    const served = {
      librarian: model(wire.reference, wire.access),
      recommend: call(wire.reference, wire.access)((messages: Message[]) => ({ messages })),
    };
    const address = await serve(toNodeListener(handler(served, { apiKey: "secret" })));
    const provider = createOpenAICompatible({
      ...{ name: "callwright", baseURL: `${address}/v1`, apiKey: "secret", includeUsage: true },
    });
    [librarian, recommend] = [provider("librarian"), provider("recommend")];
  });

  test("the AI SDK gets a completion, from a model and from a function", async () => {
    wire.server.reply({ text: "Momo", usage: { input: 9, output: 4 } });
    for (const asked of [librarian, recommend]) {
      const { text, usage, finishReason } = await generateText({
        model: asked,
        system: "Be brief.",
        prompt: "A book?",
      });
      expect(text).toBe("Momo");
      expect(finishReason).toBe("stop");
      expect(usage).toMatchObject({ inputTokens: 9, outputTokens: 4 });
    }
  });

  test("the AI SDK gets a stream", async () => {
    wire.server.reply({ text: ["Mo", "mo"], usage: { input: 9, output: 4 } });
    for (const asked of [librarian, recommend]) {
      const { textStream, usage, finishReason } = streamText({ model: asked, prompt: "A book?" });
      const texts = [];
      for await (const text of textStream) texts.push(text);
      expect(texts.join("")).toBe("Momo");
      if (asked === librarian) expect(texts).toEqual(["Mo", "mo"]);
      expect(await finishReason).toBe("stop");
      expect(await usage).toMatchObject({ inputTokens: 9, outputTokens: 4 });
    }
  });

  test.each([false, true])("the AI SDK runs its tools and sends their results (stream: %s)", async (stream) => {
    wire.server.reply(
      { toolCalls: [{ name: "find_book", args: { title: "Momo" } }] },
      { text: "It stands on shelf E." },
    );
    const tools = {
      find_book: tool({
        description: "Finds a book",
        inputSchema: z.object({ title: z.string() }),
        execute: async ({ title }) => `${title}: shelf E`,
      }),
    };
    const ask = { model: librarian, prompt: "Where is Momo?", tools, stopWhen: stepCountIs(3) };
    expect(stream ? await streamText(ask).text : (await generateText(ask)).text).toBe("It stands on shelf E.");
    expect(wire.server.requests).toHaveLength(2);
    expect(JSON.stringify(wire.body.messages)).toContain("Momo: shelf E");
  });

  test("the AI SDK gets errors as what they are", async () => {
    wire.server.reply({ status: 400, text: "Too many tokens." });
    const refused = await errorOf(generateText({ model: librarian, prompt: "Hi", maxRetries: 0 }));
    expect(APICallError.isInstance(refused)).toBe(true);
    expect(refused).toMatchObject({
      statusCode: 400,
      isRetryable: false,
      message: expect.stringContaining("Too many"),
    });

    wire.server.reply({ text: ["Once ", "upon ", "a ", "time ", "it ", "was"], cutAfter: 5 });
    const errors: unknown[] = [];
    const broken = streamText({ model: librarian, prompt: "Hi", onError: ({ error }) => void errors.push(error) });
    await broken.consumeStream();
    expect(errors).toHaveLength(1);
    expect(await broken.finishReason).not.toBe("stop");
  });
});
