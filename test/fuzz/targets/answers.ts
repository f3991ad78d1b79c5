import {
  type CallResponse,
  type CallStream,
  model,
  OutputStream,
  responseOf as responseOfValue,
  Session,
} from "callwright";
import { type Answer, accessOf, callsOf, references, responseOf, type Use, uses } from "../asking.js";
import { mutateJson, mutateText, secret, strange } from "../mutate.js";
import { checkError, checkResponse, must } from "../oracle.js";
import type { Random } from "../random.js";
import { eventText, jsonOf, latin1, streams, type WireName, wholes } from "../seeds.js";
import type { Target } from "../target.js";

export interface AnswerInput extends Answer {
  readonly stream: boolean;
  readonly use: Use;
  /** The good stream of which the body is the beginning, as an index of the seeds: nothing else may come of it. */
  readonly beginningOf?: number;
}

/** What a provider answers on one wire, plain or streamed. */
export function answersTarget(wire: WireName, stream: boolean): Target<AnswerInput> {
  let next: Answer | undefined;
  const fetch = async () => responseOf(next as Answer);
  const ask = callsOf(wire, fetch);
  const wholeAnswers: { content: string; calls: unknown }[] = [];
  let answered = 0;

  async function read(input: AnswerInput): Promise<any> {
    next = input;
    const made = await ask(input.use, input.stream)("Hi");
    if (!input.stream) return input.use === "value" ? responseOfValue(made) : made;
    if (OutputStream.isInstance(made)) {
      for await (const _ of made);
      return made.response();
    }
    return readStream(wire, made, input.body.length);
  }

  return {
    name: `${wire}-${stream ? "streamed" : "plain"}`,

    async open() {
      wholeAnswers.length = 0;
      for (const [index, events] of stream ? streams[wire].entries() : []) {
        const input = { ...good(eventText(events), true), use: "tools" as const, beginningOf: index };
        wholeAnswers.push(shapeOf(await read(input)));
      }
    },

    make: (random) => (stream ? streamInput(wire, random) : plainInput(wire, random)),

    async run(input) {
      let response: any;
      try {
        response = await read(input);
      } catch (error) {
        return checkError(error);
      }
      checkResponse(response);
      if (input.beginningOf !== undefined) {
        const [seen, whole] = [shapeOf(response), wholeAnswers[input.beginningOf]].map((each) => JSON.stringify(each));
        must(seen === whole, `half of an answer as a whole one: ${seen}, not ${whole}`);
      }
      if (++answered % 16 === 0) await checkHistory(wire, response);
      return response.finishReason;
    },
  };
}

function shapeOf({ content, toolCalls }: any): { content: string; calls: unknown } {
  return { content, calls: toolCalls.map(({ name, arguments: args }: any) => [name, args]) };
}

async function readStream(wire: WireName, stream: CallStream<any>, length: number): Promise<any> {
  let content = "";
  let count = 0;
  for await (const [chunk] of stream) {
    must(typeof chunk.content === "string", "a chunk without text");
    content += chunk.content;
    must(++count <= length + 16, `${count} chunks of ${length} bytes`);
  }
  const response = await stream.response();
  // The Responses API repeats each text as a whole, which may correct the pieces.
  must(
    wire === "responses" || response.content === content,
    `${JSON.stringify(content)} in pieces, ${JSON.stringify(response.content)} as a whole`,
  );
  return response;
}

/** What a model said can be saved, read again and sent, whatever it was. */
async function checkHistory(wire: WireName, { messages }: CallResponse): Promise<void> {
  const body = latin1(jsonOf(wholes[wire][wire === "messages" ? 1 : 0]));
  const settings = {
    model: model(
      references[wire],
      accessOf(wire, async () => responseOf(good(body, false))),
    ),
  };
  const session = new Session(settings);
  for (const message of messages) session.add(message);
  const saved = JSON.parse(JSON.stringify(session));
  const loaded = Session.fromJSON(saved, settings);
  must(JSON.stringify(loaded) === JSON.stringify(saved), "a session that is another after it was saved");
  checkResponse(await loaded.send("And now?"));
}

function good(body: string, stream: boolean): AnswerInput {
  const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
  return { status: 200, headers, body, cuts: [], stream, use: "text" };
}

function plainInput(wire: WireName, random: Random): AnswerInput {
  const body = random.pick(wholes[wire]);
  const changed = random.chance(0.8) ? mutateJson(body, random) : body;
  return dressed(latin1(jsonOf(changed)), false, random);
}

function streamInput(wire: WireName, random: Random): AnswerInput {
  const index = random.below(streams[wire].length);
  const events = streams[wire][index] as readonly unknown[];
  if (random.chance(0.1)) {
    const whole = eventText(events);
    const body = whole.slice(0, random.below(whole.length + 1));
    return { ...good(body, true), cuts: cutsOf(body, random), use: "tools", beginningOf: index };
  }
  if (random.chance(0.05)) return dressed(latin1(jsonOf(mutateJson(random.pick(wholes[wire]), random))), true, random);
  return dressed(eventText(random.chance(0.85) ? changedEvents(events, random) : events), true, random);
}

/** Events of which some are changed, left out, repeated or in another order. */
function changedEvents(events: readonly unknown[], random: Random): unknown[] {
  const changed = [...events];
  for (let change = 1 + random.below(3); change > 0; change--) {
    const at = random.below(changed.length);
    const event = changed[at];
    const kind = random.below(8);
    if (kind === 0) changed.splice(at, 1);
    else if (kind === 1) changed.splice(random.below(changed.length), 0, event);
    else if (kind === 2) [changed[at], changed[0]] = [changed[0], event];
    else if (kind === 3) changed[at] = strange(random);
    else changed[at] = mutateJson(event, random, 1);
  }
  return changed;
}

/** The body with changes of its bytes, behind a status and headers that may be strange. */
function dressed(text: string, stream: boolean, random: Random): AnswerInput {
  let body = text;
  for (let left = random.chance(0.35) ? 1 + random.below(3) : 0; left > 0; left--)
    body = latinOnly(mutateText(body, random));
  const input = { ...good(body, stream), cuts: cutsOf(body, random), use: random.pick(uses) };
  return random.chance(0.15) ? { ...input, ...strangeHead(stream, random) } : input;
}

function latinOnly(text: string): string {
  return text.replace(/[^\x00-\xff]/g, "?");
}

function cutsOf(body: string, random: Random): number[] {
  return random.chance(0.5) ? [] : Array.from({ length: random.below(6) }, () => random.below(body.length + 1));
}

const types = [
  "text/event-stream",
  "application/json",
  "text/html",
  "text/plain; charset=utf-16",
  'application/json;charset="x',
  "",
];
const waits = [
  "1",
  "0",
  "-1",
  "1e309",
  "Infinity",
  "NaN",
  "0x10",
  "Wed, 21 Oct 2099 07:28:00 GMT",
  "later",
  "99999999999999999999",
];

function strangeHead(stream: boolean, random: Random): Pick<Answer, "status" | "headers"> {
  const status = random.pick([
    200, 200, 201, 204, 299, 302, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529, 599,
  ]);
  const headers: Record<string, string> = {
    "content-type": random.chance(0.5) ? (stream ? "text/event-stream" : "application/json") : random.pick(types),
  };
  if (random.chance(0.4)) headers["retry-after"] = random.pick(waits);
  if (random.chance(0.3)) headers["retry-after-ms"] = random.pick(waits);
  if (random.chance(0.3))
    headers["x-should-retry"] = random.pick(["true", "false", "__proto__", "constructor", "1", ""]);
  if (random.chance(0.3)) headers["x-request-id"] = random.pick(["req_1", "", secret, "a".repeat(3000)]);
  if (random.chance(0.1)) headers.location = `https://x.test/?key=${secret}`;
  return { status, headers };
}
