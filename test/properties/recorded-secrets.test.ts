import fc from "fast-check";
import { expect, test } from "vitest";
import { maskedExchange, secretsOf } from "../../src/testing/record/exchange-secrets.js";
import { runsOf } from "./runs.js";

const runs = runsOf("test/properties/recorded-secrets.test.ts", 400);

const chars = (of: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...of), minLength: length, maxLength: length });
const [lower, upper, digits] = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"];
const alphanumeric = lower + upper + digits;
const after = (start: string, of: string, length: number) => chars(of, length).map((rest) => start + rest);

/** Nobody told the recorder of these: their form must do. */
const byForm = fc.oneof(
  ...["sk-proj-", "sk-ant-api03-", "gsk_", "xai-", "hf_", "r8_", "AIza", "ghp_", "gho_", "github_pat_"].map((start) =>
    after(start, alphanumeric, 36),
  ),
  ...["glpat-", "npm_", "xoxb-", "org-0", "ya29.", "GOCSPX-"].map((start) => after(start, alphanumeric, 30)),
  after("AKIA", upper + digits, 16),
  chars("0123456789abcdef", 32).filter((text) => /[a-f]/.test(text)),
  chars(`${alphanumeric}/+`, 38)
    .map((text) => `a${text}Z`)
    .filter((text) => /\d/.test(text)),
  fc
    .tuple(chars(alphanumeric, 20), chars(alphanumeric, 30), chars(alphanumeric, 43))
    .map(([head, body, sign]) => `eyJ${head}.eyJ${body}.${sign}`),
);
/** What the request carried, or the environment holds; of any form. */
const known = fc.constantFrom("tok/en+with=signs&more", 'quoted"and\\back', "plain-words-as-a-key", "pässword-ü-7");

/** A secret among other words, in pieces. */
const split = (secret: string) =>
  fc.array(fc.integer({ min: 1, max: secret.length + 14 }), { minLength: 0, maxLength: 12 }).map((places) => {
    const text = `before ${secret} after`;
    const at = [...new Set(places)].sort((a, b) => a - b);
    return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length)).filter((piece) => piece);
  });

type Event = (piece: string, index: number) => object;
const chat = (delta: object, choice = 0) => ({ id: "chatcmpl-1", choices: [{ index: choice, delta }] });

/** The members of the providers' streams that hold text. */
const fields: Readonly<Record<string, Event>> = {
  content: (piece) => chat({ content: piece }),
  "a second choice": (piece) => chat({ content: piece }, 1),
  refusal: (piece) => chat({ refusal: piece }),
  reasoning: (piece) => chat({ reasoning: piece }),
  reasoning_content: (piece) => chat({ reasoning_content: piece }),
  reasoning_details: (piece) => chat({ reasoning_details: [{ type: "reasoning.text", index: 0, text: piece }] }),
  "arguments of a call": (piece) => chat({ tool_calls: [{ index: 0, function: { arguments: piece } }] }),
  "arguments of a second call": (piece) => chat({ tool_calls: [{ index: 1, function: { arguments: piece } }] }),
  "parts of content": (piece) => chat({ content: [{ type: "text", text: piece }] }),
  annotations: (piece) => chat({ annotations: [{ type: "url_citation", url_citation: { title: piece } }] }),
  "log probabilities": (piece, index) => ({
    choices: [{ index: 0, logprobs: { content: [{ token: piece, logprob: -index, bytes: [...Buffer.from(piece)] }] } }],
  }),
  "a call that is known by its id": (piece) => chat({ tool_calls: [{ id: "call_1", function: { arguments: piece } }] }),
  "another call that is known by its id": (piece) =>
    chat({ tool_calls: [{ id: "call_2", function: { arguments: piece } }] }),
  audio: (piece) => chat({ audio: { transcript: piece } }),
  text_delta: (piece) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } }),
  thinking: (piece) => ({ type: "content_block_delta", index: 1, delta: { type: "thinking_delta", thinking: piece } }),
  partial_json: (piece) => ({
    type: "content_block_delta",
    index: 2,
    delta: { type: "input_json_delta", partial_json: piece },
  }),
  citations: (piece) => ({
    type: "content_block_delta",
    index: 3,
    delta: { type: "citations_delta", citation: { cited_text: piece } },
  }),
  output_text: (piece) => ({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: piece }),
  "a function call": (piece) => ({ type: "response.function_call_arguments.delta", output_index: 1, delta: piece }),
  summary: (piece) => ({
    type: "response.reasoning_summary_text.delta",
    output_index: 2,
    summary_index: 0,
    delta: piece,
  }),
  "a member that nobody knows": (piece) => ({ x: { y: [[piece]] } }),
};

/** How an event may be written down. */
const spellings: readonly ((event: object) => string)[] = [
  (event) => `data: ${JSON.stringify(event)}\n\n`,
  (event) => `data:${JSON.stringify(event)}\r\n\r\n`,
  (event) => `event: x\ndata: ${JSON.stringify(event).replace(/([:,])(?=["{[])/g, " $1 ")}\n\n`,
  (event) => `${JSON.stringify(event, null, 2).replace(/^/gm, "data: ")}\n\n`,
  (event) => `${JSON.stringify(event)}\n`,
];

const names = fc.constantFrom(...Object.keys(fields));
const stream = fc
  .tuple(fc.oneof(byForm, known), names, names, fc.constantFrom(...spellings))
  .chain(([secret, name, other, spell]) =>
    fc.record({
      secret: fc.constant(secret),
      name: fc.constant(name),
      other: fc.constant(other),
      spell: fc.constant(spell),
      pieces: split(secret),
    }),
  );

function maskedStream(chunks: readonly string[], secrets: readonly string[]): string[] {
  const request = { method: "POST", path: "/v1/x", body: {} };
  const exchange = { request, response: { status: 200, headers: {}, chunks } };
  const known = secretsOf(new URL("http://x.test"), new Headers(), secrets);
  return [...(maskedExchange(exchange, known).response.chunks ?? [])];
}

/** All that is said by the strings of one field, or by all of them. */
function said(chunks: readonly string[]): string {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) visit(each);
  };
  for (const chunk of chunks) {
    const data = chunk.replace(/^event: x\n/, "").replace(/^data: ?/gm, "");
    visit(JSON.parse(data));
  }
  return texts.join("");
}

test("no secret is in a recorded stream, in whatever field, pieces and spelling it comes", () => {
  const secrets = ["tok/en+with=signs&more", 'quoted"and\\back', "plain-words-as-a-key", "pässword-ü-7"];
  fc.assert(
    fc.property(stream, ({ secret, name, other, spell, pieces }) => {
      const event = fields[name] as Event;
      // Something else comes in between, as of a second tool call.
      const between = other === name ? undefined : fields[other];
      const events = pieces.flatMap((piece, index) => [
        event(piece, index),
        ...(between ? [between(`${index} and `, index)] : []),
      ]);
      const chunks = maskedStream(events.map(spell), secrets);
      // Of the other field, only digits and blanks.
      const own = said(chunks.filter((_, index) => !between || index % 2 === 0));
      if (own.includes(secret)) expect(own).not.toContain(secret);
      if (!own.includes("***")) expect(own).toContain("***");
      const bytes = Buffer.from(
        chunks
          .join("")
          .match(/\d+(?=[,\]\s])/g)
          ?.map(Number) ?? [],
      ).toString();
      if (bytes.includes(secret)) expect(bytes).not.toContain(secret);
    }),
    runs,
  );
}, 300_000);

test("a stream without a secret stays as it is, byte for byte", () => {
  const words = fc.array(fc.constantFrom("The ", "key ", "is ", "a ", "token ", "123", " Zürich", "\n"), {
    minLength: 1,
  });
  fc.assert(
    fc.property(words, names, fc.constantFrom(...spellings), (pieces, name, spell) => {
      const chunks = pieces.map((piece, index) => spell((fields[name] as Event)(piece, index)));
      expect(maskedStream(chunks, ["another-secret"])).toEqual(chunks);
    }),
    { ...runs, numRuns: Math.ceil(runs.numRuns / 4) },
  );
}, 300_000);

test("events between which a server forgot the blank lines are read one by one", () => {
  const pieces = ["The key is sk-pro", "j-aB3dE5gH7", "jK9mN1, sorry"];
  const lines = pieces.map((piece) => `data: ${JSON.stringify(chat({ content: piece }))}\n`);
  const [masked = ""] = maskedStream([`${lines.join("")}\n`], []);
  expect(masked.match(/"content":"[^"]*"/g)).toEqual([
    '"content":"The key is ***"',
    '"content":""',
    '"content":", sorry"',
  ]);
  expect(masked.endsWith("\n\n")).toBe(true);
});
