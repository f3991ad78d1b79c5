import { call, image, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { providersOf } from "./offered.js";

let server: WireServer;
beforeAll(async () => {
  server = await wireServer();
});
afterAll(() => server.close());

const weather = tool({
  name: "weather",
  description: "Tells the weather",
  input: z.object({ city: z.string() }),
  strict: true,
})(({ city }) => `Rain in ${city}`);

const everything = {
  temperature: 0,
  maxTokens: 50,
  topP: 0.9,
  topK: 5,
  stop: ["END"],
  seed: 7,
  frequencyPenalty: 0.1,
  presencePenalty: 0.2,
  reasoningEffort: "high",
  tools: [weather],
  toolChoice: "required",
  parallelToolCalls: false,
} as const;

// What all send alike, and what most do.
const same = { model: "org/m:free", messages: [{ role: "user", content: "Hi" }], stream: false };
const sampling = { temperature: 0, top_p: 0.9, stop: ["END"] };
const penalties = { frequency_penalty: 0.1, presence_penalty: 0.2 };
const required = { tool_choice: "required" };
const serial = { parallel_tool_calls: false };
const effort = { reasoning_effort: "high" };
const seed = { seed: 7 };
const [old, current] = [{ max_tokens: 50 }, { max_completion_tokens: 50 }];

interface Expected {
  readonly fields: object;
  /** Whether the tool is sent as strict. */
  readonly strict: boolean;
  /** What is left out, each with one warning. */
  readonly lacks: readonly string[];
  readonly stopsThinking?: boolean;
}

const expected: Readonly<Record<string, Expected>> = {
  openai: {
    fields: { ...sampling, ...current, ...seed, ...penalties, ...effort, ...required, ...serial },
    strict: true,
    lacks: ["topK"],
  },
  azure: {
    fields: { ...sampling, ...current, ...seed, ...penalties, ...effort, ...required, ...serial },
    strict: true,
    lacks: ["topK"],
  },
  ollama: {
    fields: { ...sampling, ...old, ...seed, ...penalties, ...effort },
    strict: false,
    lacks: ["topK", "strict tools", "toolChoice", "parallelToolCalls"],
  },
  lmstudio: {
    fields: { ...sampling, ...old, top_k: 5, ...seed, ...penalties, ...required },
    strict: false,
    lacks: ["reasoningEffort", "strict tools", "parallelToolCalls"],
  },
  vllm: {
    fields: { ...sampling, ...old, top_k: 5, ...seed, ...penalties, ...effort, ...required, ...serial },
    strict: true,
    lacks: [],
  },
  huggingface: {
    fields: { ...sampling, ...old, ...seed, ...penalties, ...effort, ...required },
    strict: false,
    lacks: ["topK", "strict tools", "parallelToolCalls"],
  },
  gradient: {
    fields: { ...sampling, ...current, ...penalties, ...required },
    strict: false,
    lacks: ["topK", "seed", "reasoningEffort", "strict tools", "parallelToolCalls"],
  },
  groq: {
    fields: { ...sampling, ...current, ...seed, ...effort, ...required, ...serial },
    strict: true,
    lacks: ["topK", "frequencyPenalty", "presencePenalty"],
  },
  mistral: {
    fields: { ...sampling, ...old, random_seed: 7, ...penalties, ...effort, ...required, ...serial },
    strict: true,
    lacks: ["topK"],
  },
  deepseek: {
    // A forced tool turns thinking off.
    fields: { ...sampling, ...old, ...penalties, thinking: { type: "disabled" }, ...required },
    strict: false,
    lacks: ["topK", "seed", "strict tools", "parallelToolCalls"],
    stopsThinking: true,
  },
  xai: {
    fields: { ...sampling, ...current, ...seed, ...effort, ...required, ...serial },
    strict: true,
    lacks: ["topK", "frequencyPenalty", "presencePenalty"],
  },
  together: {
    fields: { ...sampling, ...old, top_k: 5, ...seed, ...penalties, ...effort, ...required },
    strict: false,
    lacks: ["strict tools", "parallelToolCalls"],
  },
  openrouter: {
    fields: {
      ...sampling,
      ...old,
      top_k: 5,
      ...seed,
      ...penalties,
      reasoning: { effort: "high" },
      ...required,
      ...serial,
    },
    strict: true,
    lacks: [],
  },
  google: {
    fields: { ...sampling, ...current, ...effort, ...required },
    strict: true,
    lacks: ["topK", "seed", "frequencyPenalty", "presencePenalty", "parallelToolCalls"],
  },
};

test("every provider that speaks OpenAI's wire has its body written down here", async () => {
  expect(Object.keys(expected).sort()).toEqual((await providersOf()).filter((name) => name !== "anthropic").sort());
});

describe.each(Object.entries(expected))("%s", (provider, { fields, strict, lacks, stopsThinking = false }) => {
  const access = () => server.openai;

  test("sends this body, and a warning for each option that it lacks", async () => {
    const response = await call(`${provider}/org/m:free`, { ...access(), ...everything })(() => "Hi")();
    const parameters = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      // Strict mode asks for it.
      ...(strict && { additionalProperties: false }),
    };
    expect(server.requests.at(-1)?.body).toEqual({
      ...same,
      ...fields,
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "Tells the weather",
            parameters,
            ...(strict && { strict }),
          },
        },
      ],
    });
    const warned = lacks.map((what) => ({
      code: "unsupported_option",
      message: `${provider} takes no ${what}; it was not sent.`,
    }));
    const stopped = { code: "thinking_off", message: expect.stringContaining("thinking was turned off") };
    expect(response.warnings).toEqual([...warned, ...(stopsThinking ? [stopped] : [])]);
    expect(response.provider).toBe(provider);
  });

  test("sends nothing that was not asked for", async () => {
    await call(`${provider}/m`, access())(() => "Hi")();
    expect(server.requests.at(-1)?.body).toEqual({ ...same, model: "m" });
  });

  test("asks for the usage of a stream, where it may be asked", async () => {
    const stream = await call(`${provider}/m`, { ...access(), stream: true })(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello from the wire server.");
    const asks = !["groq", "mistral"].includes(provider);
    expect(server.requests.at(-1)?.body).toEqual({
      ...same,
      model: "m",
      stream: true,
      ...(asks && { stream_options: { include_usage: true } }),
    });
  });

  test("takes an image as bytes", async () => {
    const png = image(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a));
    const asked = call(`${provider}/m`, access())(() => ["What is it?", png])();
    if (provider === "deepseek")
      return expect(asked).rejects.toMatchObject({
        name: "ConfigurationError",
        message: expect.stringContaining("image"),
      });
    await asked;
    expect(server.requests.at(-1)?.body.messages[0].content.at(-1)).toEqual({
      type: "image_url",
      image_url: { url: "data:image/png;base64,iVBORw0KGgo=" },
    });
  });
});
