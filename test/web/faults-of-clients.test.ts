import {
  AbortedError,
  ConfigurationError,
  call,
  type Message,
  model,
  Session,
  system,
  TemplateError,
} from "callwright";
import { wireServer } from "callwright/testing";
import { handler, type Served } from "callwright/web";
import { describe, expect, test } from "vitest";
import { onBothWires } from "../calls/wires.js";

const question = { role: "user", content: "A book?" };
const audio = { type: "input_audio", input_audio: { data: "UklGRgAAAABXQVZF", format: "wav" } };
const assistantCall = {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "call_a", type: "function", function: { name: "find", arguments: "{}" } }],
};

/** Status, param and message of the answer to a body, and what the owner was told. */
async function ask(served: Served, body: object) {
  const told: unknown[] = [];
  const handle = handler({ librarian: served }, { onError: (error) => void told.push(error) });
  const request = new Request("http://localhost/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "librarian", messages: [question], ...body }),
  });
  const response = await handle(request);
  const { error } = (await response.json()) as { error?: { param: string | null; message: string } };
  return { status: response.status, param: error?.param, message: error?.message, told };
}

onBothWires((wire) => {
  const served = (): Record<string, Served> => ({
    "a model": model(wire.reference, wire.access),
    "a model with a system message": model(wire.reference, { ...wire.access, system: "Be brief." }),
    "a function": call(
      wire.reference,
      wire.access,
    )((messages: Message[]) => ({
      messages: [system("Be brief."), ...messages],
    })),
    "a session": new Session({ model: model(wire.reference, wire.access) }),
  });

  test.each(["a model", "a model with a system message", "a function", "a session"])(
    "%s: the result of a call that nobody made is the client's mistake",
    async (kind) => {
      const messages = [question, { role: "tool", tool_call_id: "call_x", content: "Shelf E" }];
      for (const stream of [false, true]) {
        const { status, param, told } = await ask(served()[kind]!, { messages, stream });
        expect([status, told]).toEqual([400, []]);
        expect(param).toBe(kind === "a session" ? "messages" : "messages[1].tool_call_id");
      }
      expect(wire.server.requests).toEqual([]);
    },
  );

  test("a result whose call came before is fine", async () => {
    const messages = [question, assistantCall, { role: "tool", tool_call_id: "call_a", content: "Shelf E" }];
    for (const kind of ["a model", "a function"]) expect((await ask(served()[kind]!, { messages })).status).toBe(200);
  });
});

describe("what a model's provider has no words for is the client's mistake, named by its place", () => {
  test.each(["anthropic/claude-haiku-4-5", "deepseek/deepseek-chat"] as const)("audio to %s", async (reference) => {
    await using server = await wireServer();
    const access = reference.startsWith("anthropic") ? server.anthropic : server.openai;
    const messages = [question, { role: "assistant", content: "Hm." }, { role: "user", content: [audio] }];
    for (const settings of [{}, { system: "Be brief." }])
      for (const stream of [false, true]) {
        const answer = await ask(model(reference, { ...access, ...settings }), { messages, stream });
        expect(answer).toMatchObject({ status: 400, param: "messages[2].content[0]", told: [] });
      }
    const listens = call(reference, access)((given: Message[]) => ({ messages: [system("Be brief."), ...given] }));
    expect(await ask(listens, { messages })).toMatchObject({ status: 400, param: "messages", told: [] });
    const session = new Session({ model: model(reference, access) });
    expect(await ask(session, { messages: messages.slice(2) })).toMatchObject({ status: 400, told: [] });
    expect(server.requests).toEqual([]);
  });
});

describe("what the server itself has wrong stays the server's", () => {
  test("its own audio, in a function whose client sent plain text", async () => {
    await using server = await wireServer();
    const listens = call(
      "anthropic/claude-haiku-4-5",
      server.anthropic,
    )((messages: Message[]) => ({
      messages: [
        ...messages,
        { role: "user", content: [{ type: "audio", data: new Uint8Array(4), mediaType: "audio/wav" }] } as Message,
      ],
    }));
    const { status, told } = await ask(listens, {});
    expect([status, told.length]).toEqual([500, 1]);
  });

  test.each([
    ["a key that is missing", model("openai/gpt-4o-mini", { apiKey: "" })],
    ["an address that is none", model("openai/gpt-4o-mini", { apiKey: "k", baseURL: "gopher://x" })],
    ["a provider that is not known", (() => model("nobody/x" as "openai/x").complete("Hi")) as Served],
    ["its own configuration", () => Promise.reject(new ConfigurationError("No."))],
    ["its own template", () => Promise.reject(new TemplateError("No."))],
  ])("%s", async (_, served) => {
    const { status, told } = await ask(served, { messages: [question, { role: "user", content: [audio] }] });
    expect([status, told.length]).toEqual([500, 1]);
  });

  test("an abort of its own", async () => {
    const { status } = await ask(() => Promise.reject(new AbortedError("No.", { reason: undefined })), {});
    expect(status).toBe(503);
  });
});

test("a client that says nothing at all is told so, if the call cannot go on without", async () => {
  const blank = () => Promise.reject(new TemplateError("The prompt is empty."));
  const messages = [{ role: "user", content: " " }];
  expect(await ask(blank, { messages })).toMatchObject({ status: 400, param: "messages", told: [] });
});
