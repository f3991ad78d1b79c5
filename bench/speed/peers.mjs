import { call, prompt } from "../../dist/index.js";
import { question } from "./load.mjs";

/**
 * Each peer does the same work as a decorated call: `ask` a question, and `read` a stream; both give the length of the
 * text. Targets are ratios of our figure to the peer's.
 */
export const peers = [
  {
    name: "openai",
    wire: "openai",
    targets: { plain: 0.6, stream: 0.3, inFlight: 2 },
    async load() {
      const [{ OpenAI }, { VERSION }] = await Promise.all([import("openai"), import("openai/version")]);
      return { OpenAI, version: VERSION };
    },
    bare({ OpenAI }, access) {
      const client = new OpenAI(access);
      const body = { model: "gpt-4o-mini", messages: [{ role: "user", content: question }] };
      return {
        ask: async () => (await client.chat.completions.create(body)).choices[0].message.content.length,
        async read() {
          let length = 0;
          for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
            length += chunk.choices[0]?.delta.content?.length ?? 0;
          }
          return length;
        },
      };
    },
    ours: (access) => decorated("openai/gpt-4o-mini", access),
  },
  {
    name: "@anthropic-ai/sdk",
    wire: "anthropic",
    targets: { plain: 0.7, stream: 0.8, inFlight: 1.5 },
    async load() {
      const [{ Anthropic }, { VERSION }] = await Promise.all([
        import("@anthropic-ai/sdk"),
        import("@anthropic-ai/sdk/version"),
      ]);
      return { Anthropic, version: VERSION };
    },
    bare({ Anthropic }, access) {
      const client = new Anthropic(access);
      const body = { model: "claude-haiku-4-5", max_tokens: 4096, messages: [{ role: "user", content: question }] };
      return {
        ask: async () => (await client.messages.create(body)).content[0].text.length,
        async read() {
          let length = 0;
          for await (const event of await client.messages.create({ ...body, stream: true })) {
            if (event.type === "content_block_delta" && event.delta.type === "text_delta")
              length += event.delta.text.length;
          }
          return length;
        },
      };
    },
    ours: (access) => decorated("anthropic/claude-haiku-4-5", access),
  },
];

function decorated(model, access) {
  const body = async () => prompt`${question}`;
  const ask = call(model, access)(body);
  const read = call(model, { ...access, stream: true })(body);
  return {
    ask: async () => (await ask()).content.length,
    async read() {
      let length = 0;
      for await (const [chunk] of await read()) length += chunk.content.length;
      return length;
    },
  };
}
