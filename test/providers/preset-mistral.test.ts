import { audio, call, document, type Message, user } from "callwright";
import { describe, expect, test } from "vitest";
import { Compatible, streamed, whole } from "./compatible.js";

const wire = new Compatible();

describe("mistral", () => {
  const id = "call_PTLP8xhu3uwZk4l3nlnrrJha";
  const turn = (callId: string): Message[] => [
    user("Weather?"),
    { role: "assistant", content: [{ type: "tool-call", id: callId, name: "weather", arguments: '{"city":"Oslo"}' }] },
    { role: "tool", content: [{ type: "tool-result", id: callId, name: "weather", content: "Rain" }] },
  ];

  test("gets ids of nine letters and digits, the same for a call and its result, always", async () => {
    const ids: string[] = [];
    for (const callId of [id, id, `${id}_2`]) {
      await wire.ask("mistral/m", { text: "Wet." }, ...turn(callId));
      const [, made, result] = wire.body.messages;
      expect(made.tool_calls[0].id).toMatch(/^[a-zA-Z0-9]{9}$/);
      expect(result.tool_call_id).toBe(made.tool_calls[0].id);
      ids.push(result.tool_call_id);
    }
    expect(new Set(ids).size).toBe(2);
  });

  test("gets its own ids back as they are", async () => {
    await wire.ask("mistral/m", { text: "Wet." }, ...turn("D681PevKs"));
    expect(wire.body.messages[2].tool_call_id).toBe("D681PevKs");
  });

  const blocks = [
    {
      type: "thinking",
      thinking: [
        { type: "text", text: "Rain " },
        { type: "text", text: "or sun?" },
      ],
    },
    { type: "text", text: "Rain." },
  ];

  test("answers in blocks, whole and streamed, and gets its thinking back as a block", async () => {
    const response = await wire.ask("mistral/m", whole({ content: blocks }));
    expect([response.reasoning, response.content]).toEqual(["Rain or sun?", "Rain."]);
    const other = await wire.stream(
      "mistral/m",
      streamed([{ content: blocks.slice(0, 1) }, { content: "Rain" }, { content: "." }]),
    );
    expect([other.reasoning, other.content]).toEqual(["Rain or sun?", "Rain."]);

    await wire.ask("mistral/m", { text: "Yes." }, ...response.messages, user("Sure?"));
    expect(wire.body.messages[1].content).toEqual([
      { type: "thinking", thinking: [{ type: "text", text: "Rain or sun?" }] },
      { type: "text", text: "Rain." },
    ]);
  });

  test("knows two efforts, so another is left out with a warning", async () => {
    const low = await call("mistral/m", { ...wire.server.openai, reasoningEffort: "low" })(() => "Hi")();
    expect(wire.body).not.toHaveProperty("reasoning_effort");
    expect(low.warnings).toMatchObject([{ message: 'mistral takes no reasoningEffort "low"; it was not sent.' }]);
  });

  test("stops at model_length too, which is a limit of length", async () => {
    wire.server.reply({ json: { choices: [{ message: { content: "A" }, finish_reason: "model_length" }] } });
    expect((await call("mistral/m", wire.server.openai)(() => "Hi")()).finishReason).toBe("length");
  });

  test("takes documents and sound in forms of its own", async () => {
    const pdf = document(new TextEncoder().encode("%PDF-1.7"));
    await wire.ask(
      "mistral/m",
      {},
      user([pdf, document("https://x.test/a.pdf"), audio(new Uint8Array(3), { mediaType: "audio/ogg" })]),
    );
    expect(wire.body.messages[0].content).toEqual([
      { type: "document_url", document_url: "data:application/pdf;base64,JVBERi0xLjc=" },
      { type: "document_url", document_url: "https://x.test/a.pdf" },
      { type: "input_audio", input_audio: "AAAA" },
    ]);
  });
});
