// Models and servers for tests, in both decorator modes.
import { type CallResponse, call, type Message, type Model, type ModelRequest, model, prompt } from "callwright";
import {
  type Cassette,
  denyNetwork,
  faults,
  type NetworkDenial,
  record,
  type ScriptTurn,
  script,
  testModel,
  type WireReply,
  type WireRequest,
  type WireServer,
  type WireServerOptions,
  wireServer,
} from "callwright/testing";
import { FormatBook } from "./tools.accept.js";

const turns: readonly ScriptTurn[] = [
  "Momo",
  new Error("down"),
  { text: "Look:", toolCalls: [{ name: "format_book", args: { title: "Momo" } }], finishReason: "tool-calls" },
  [
    { type: "text-delta", text: "Momo" },
    { type: "finish", reason: "stop" },
  ],
];
const scripted = script(turns);
scripted satisfies Model;
export const asked: readonly ModelRequest[] = scripted.requests;
export const said: readonly Message[] | undefined = asked[0]?.messages;
export const made: Model = testModel({ seed: 1, callTools: ["format_book"], args: { format_book: { title: "Momo" } } });

class Librarian {
  @call(script(["Momo"]), { tools: [FormatBook] })
  async recommend(genre: string): Promise<CallResponse<FormatBook>> {
    return prompt`A ${genre} book?`;
  }
}

const slow: WireReply = {
  delayMs: 10,
  text: ["Mo", "mo"],
  gapMs: 1,
  splitAt: "every-byte",
  usage: { input: 1, output: 2 },
};
export async function talk(): Promise<number> {
  using denial: NetworkDenial = denyNetwork();
  denial satisfies Disposable;
  await using server: WireServer = await wireServer();
  const options: WireServerOptions = { strict: false, port: 0 };
  await using lax = await wireServer(options);
  lax.requests[0]?.refused satisfies string | undefined;
  await using cassette: Cassette = record("talk", { mode: "replay" });
  server.reply(
    "raw" in slow ? slow : { json: { error: "…" }, status: 500, headers: { "retry-after": "1" } },
    { ...faults.stall({ after: 1 }), text: "Once upon" },
    faults.reset(),
    ({ wire, body }) => ({ text: `${wire} ${body.model}` }),
    async () => ({ raw: new Uint8Array(1), cutAfter: 1 }),
  );
  await using mini = model("openai/gpt-4o-mini", server.openai);
  const claude = model("anthropic/claude-haiku-4-5", { ...server.anthropic, ...cassette.access });
  await claude.complete((await new Librarian().recommend("fantasy")).content);
  for await (const [chunk] of mini.stream("Hi")) chunk.content satisfies string;
  const request: WireRequest | undefined = server.requests[0];
  request?.wire satisfies "openai" | "openai-responses" | "anthropic" | undefined;
  return server.peakInFlight + server.connections + (request?.finishedAt ?? 0);
}
