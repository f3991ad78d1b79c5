import { type Message, model, Session } from "callwright";
import { accessOf, references, responseOf } from "../asking.js";
import { mutateJson, strange } from "../mutate.js";
import { checkError, checkResponse, must } from "../oracle.js";
import { jsonOf, latin1, type WireName, wholes, wireNames } from "../seeds.js";
import type { Target } from "../target.js";

interface SessionInput {
  readonly saved: unknown;
  /** Who answers the next turn. */
  readonly wire: WireName;
}

const bytes = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);

/** A history of all kinds of parts. */
const history: readonly Message[] = [
  { role: "system", content: "Be brief." },
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image", source: bytes, mediaType: "image/png" },
      { type: "image", source: new URL("https://x.test/a.png") },
      { type: "cache-point" },
    ],
  },
  {
    role: "assistant",
    content: [
      { type: "reasoning", text: "Hm.", origin: "anthropic", data: { type: "thinking", signature: "c2ln", $bytes: 1 } },
      { type: "text", text: "Let me see." },
      { type: "tool-call", id: "call_a", name: "look", arguments: '{"title":"Momo"}' },
      { type: "tool-call", id: "call_b", name: "look", arguments: "{}" },
    ],
  } as Message,
  {
    role: "tool",
    content: [
      { type: "tool-result", id: "call_a", name: "look", content: "Shelf E" },
      { type: "tool-result", id: "call_b", name: "look", content: [{ type: "text", text: "No" }], isError: true },
    ],
  } as Message,
  { role: "assistant", content: "It is a book." },
  { role: "user", content: "Thanks." },
];

const modelOf = (wire: WireName) => {
  const body = latin1(jsonOf(wholes[wire][wire === "messages" ? 1 : 0]));
  const answer = { status: 200, headers: { "content-type": "application/json" }, body, cuts: [] };
  return model(
    references[wire],
    accessOf(wire, async () => responseOf(answer)),
  );
};
const models = { chat: modelOf("chat"), responses: modelOf("responses"), messages: modelOf("messages") };

let seed: unknown;

export const sessions: Target<SessionInput> = {
  name: "sessions",
  weight: 4,

  async open() {
    const session = new Session({ model: models.chat });
    for (const message of history) session.add(message);
    seed = JSON.parse(JSON.stringify(session));
  },

  make: (random) => ({
    saved: random.chance(0.97) ? mutateJson(seed, random) : strange(random),
    wire: random.pick(wireNames),
  }),

  async run({ saved, wire }) {
    let session: Session;
    try {
      session = Session.fromJSON(structuredClone(saved), { model: models[wire] });
    } catch (error) {
      return `not loaded: ${checkError(error, true)}`;
    }
    const again = Session.fromJSON(JSON.parse(JSON.stringify(session)), { model: models[wire] });
    must(JSON.stringify(again) === JSON.stringify(session), "a session that is another after it was saved");
    try {
      checkResponse(await session.send("And now?"));
    } catch (error) {
      const code = checkError(error);
      must(code === "configuration", `a session that was loaded ends with ${code}: ${(error as Error).stack}`);
      return `not sent: ${code}`;
    }
    return "sent";
  },
};
