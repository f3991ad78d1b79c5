import { setTimeout } from "node:timers/promises";

/*
 * What goes wrong in the soak. `strikes` says in which modes; `reply` is what the server does to each try that is
 * struck; `codes` are those of the errors that may come of it. `retried` faults strike one, two or three tries, unless
 * `times` says how many; others end the call at once. `answered` ones end well all the same.
 * `caller` is what the caller does, `settings` are the call's. Of a `loose` one, one try is begun, and may not arrive.
 */
const any = ({ served }) => !served;
const plain = ({ streamed, served }) => !streamed && !served;
const streamed = ({ streamed, served }) => streamed === true && !served;
const tools = (mode) => mode.tools === true;

const always = Number.POSITIVE_INFINITY;
/** Enough that all of it comes after some output, on either wire. */
const text = Array.from({ length: 12 }, (_, index) => ` word ${index}`);
const opened = { text, at: 1 };
const speaking = { text, at: 7 };

/** How long a server works on a request that it then leaves without an answer, in milliseconds. */
const workMs = [0, 1, 5, 20, 50, 200];
/** More than the buffers between a server and a client that does not read. */
const endless = { text: Array.from({ length: 300 }, () => "endless ".repeat(8000)) };

const status = (code, headers) => ({ status: code, headers });
const pick = (list, { variant }) => list[variant % list.length];

export const faults = [
  // Before the answer.
  {
    name: "reset before the headers",
    strikes: any,
    retried: true,
    codes: ["connection"],
    reply: () => ({ drop: "reset" }),
  },
  {
    name: "hung up before the headers",
    strikes: any,
    retried: true,
    codes: ["connection"],
    reply: () => ({ drop: "end" }),
  },
  {
    name: "FIN after work",
    strikes: any,
    retried: true,
    codes: ["connection"],
    reply: (plan) => ({ delayMs: pick(workMs, plan), drop: "end" }),
  },
  {
    name: "RST after work",
    strikes: any,
    retried: true,
    codes: ["connection"],
    reply: (plan) => ({ delayMs: pick(workMs, plan), drop: "reset" }),
  },
  {
    name: "429 with retry-after-ms",
    strikes: any,
    retried: true,
    codes: ["rate_limit"],
    reply: () => status(429, { "retry-after-ms": "30" }),
  },
  {
    name: "5xx",
    strikes: any,
    retried: true,
    codes: ["server", "overloaded"],
    reply: (plan) => status(pick([500, 502, 503, 529], plan)),
  },
  {
    name: "408 and 409",
    strikes: any,
    retried: true,
    codes: ["server"],
    reply: (plan) => status(pick([408, 409], plan)),
  },
  {
    name: "4xx",
    strikes: any,
    codes: ["bad_request", "authentication", "not_found"],
    reply: (plan) => status(pick([400, 401, 403, 404, 413, 422], plan)),
  },
  {
    name: "500, x-should-retry: false",
    strikes: any,
    codes: ["server"],
    reply: () => status(500, { "x-should-retry": "false" }),
  },
  {
    name: "retry-after of an hour",
    strikes: any,
    codes: ["rate_limit"],
    reply: () => status(429, { "retry-after": "3600" }),
  },
  {
    name: "a redirect",
    strikes: any,
    codes: ["connection"],
    reply: () => ({ ...status(307, { location: "http://127.0.0.1:9/" }), raw: "" }),
  },
  {
    name: "a web page",
    strikes: any,
    codes: ["unexpected_response"],
    reply: () => ({ raw: "<html>Welcome</html>", headers: { "content-type": "text/html" } }),
  },
  { name: "nobody listens", strikes: any, unreachable: true, codes: ["connection"] },
  { name: "slow headers", strikes: any, answered: true, slow: ({ variant }) => 20 + (variant % 200) },
  {
    name: "no headers",
    strikes: streamed,
    times: always,
    retried: true,
    codes: ["timeout"],
    settings: { firstEventMs: 150 },
    reply: () => ({ delayMs: always }),
  },
  {
    name: "no headers",
    strikes: plain,
    times: always,
    codes: ["timeout"],
    settings: { totalMs: 300 },
    reply: () => ({ delayMs: always }),
  },

  // In the body of a whole answer.
  {
    name: "broken JSON",
    strikes: plain,
    retried: true,
    codes: ["unexpected_response"],
    reply: () => ({ raw: '{"id": "x", "choices": [{"mess' }),
  },
  { name: "an empty body", strikes: plain, retried: true, codes: ["unexpected_response"], reply: () => ({ raw: "" }) },
  {
    name: "a body cut off",
    strikes: plain,
    retried: true,
    codes: ["connection"],
    reply: () => ({ splitAt: [30], cutAfter: 1 }),
  },
  {
    name: "a body that ends early",
    strikes: plain,
    retried: true,
    codes: ["unexpected_response"],
    reply: () => ({ splitAt: [30], endAfter: 1 }),
  },
  {
    name: "a body that stalls",
    strikes: plain,
    times: always,
    codes: ["timeout"],
    settings: { totalMs: 300 },
    reply: () => ({ splitAt: [30], hangAfter: 1 }),
  },
  {
    name: "corrupt gzip",
    strikes: any,
    retried: true,
    codes: ["connection", "stream_interrupted"],
    reply: () => ({ raw: corruptGzip, headers: { "content-encoding": "gzip" } }),
  },

  // In a stream, before its first output: tried again.
  {
    name: "an empty stream",
    strikes: streamed,
    retried: true,
    codes: ["unexpected_response"],
    reply: () => ({ raw: "" }),
  },
  {
    name: "broken JSON in an event",
    strikes: streamed,
    retried: true,
    codes: ["unexpected_response"],
    reply: () => ({ chunks: ['data: {"id": \n\n'] }),
  },
  {
    name: "cut off before output",
    strikes: streamed,
    retried: true,
    codes: ["stream_interrupted"],
    reply: () => ({ text, cutAfter: opened.at }),
  },
  {
    name: "ends before output",
    strikes: streamed,
    retried: true,
    codes: ["stream_interrupted"],
    reply: () => ({ text, endAfter: opened.at }),
  },
  {
    name: "error event before output",
    strikes: streamed,
    retried: true,
    codes: ["overloaded", "server"],
    reply: () => ({ text, errorAfter: opened.at }),
  },
  {
    name: "stalls once before output",
    strikes: streamed,
    times: 1,
    retried: true,
    codes: ["timeout"],
    settings: { firstEventMs: 1000 },
    reply: () => ({ text, hangAfter: opened.at }),
  },
  {
    name: "stalls before output",
    strikes: streamed,
    times: always,
    retried: true,
    codes: ["timeout"],
    settings: { firstEventMs: 150 },
    reply: () => ({ text, hangAfter: opened.at }),
  },
  {
    name: "pings without end",
    strikes: streamed,
    times: always,
    retried: true,
    codes: ["timeout"],
    settings: { firstEventMs: 150 },
    reply: () => ({ chunks: pings() }),
  },

  // In a stream, after output: never tried again.
  { name: "cut off", strikes: streamed, codes: ["stream_interrupted"], reply: () => ({ text, cutAfter: speaking.at }) },
  {
    name: "ends early",
    strikes: streamed,
    codes: ["stream_interrupted"],
    reply: () => ({ text, endAfter: speaking.at }),
  },
  {
    name: "error event",
    strikes: streamed,
    codes: ["overloaded", "server"],
    reply: () => ({ text, errorAfter: speaking.at }),
  },
  {
    name: "stalls",
    strikes: streamed,
    codes: ["timeout"],
    settings: { idleMs: 150 },
    reply: () => ({ text, hangAfter: speaking.at }),
  },

  // What the caller does.
  { name: "aborted before the call", strikes: any, codes: ["aborted"], caller: "aborts before" },
  {
    name: "aborted while it waits",
    strikes: any,
    codes: ["aborted"],
    caller: "aborts on arrival",
    reply: () => ({ delayMs: always }),
  },
  {
    name: "aborted between two tries",
    strikes: any,
    codes: ["aborted"],
    caller: "aborts on arrival",
    reply: () => status(429, { "retry-after-ms": "20000" }),
  },
  {
    name: "aborted in mid-stream",
    strikes: streamed,
    codes: ["aborted"],
    caller: "aborts in mid-stream",
    reply: () => ({ text, hangAfter: speaking.at }),
  },
  {
    name: "left in mid-stream",
    strikes: streamed,
    codes: ["stream_interrupted"],
    caller: "breaks",
    reply: () => ({ text, hangAfter: speaking.at }),
  },
  {
    name: "dropped unread",
    strikes: (mode) => streamed(mode) && !mode.tools,
    codes: ["dropped"],
    caller: "drops",
    reply: () => ({ text, hangAfter: speaking.at }),
  },

  // What the client of a served call does.
  {
    name: "leaves pipelined requests",
    strikes: ({ pipelined }) => pipelined === true,
    codes: ["dropped"],
    caller: "leaves on arrival",
    loose: true,
    reply: () => ({ delayMs: always }),
  },
  {
    name: "stops reading",
    strikes: ({ slow }) => slow === true,
    codes: ["dropped"],
    caller: "stops reading",
    loose: true,
    reply: () => endless,
  },

  // What the model does.
  {
    name: "an unknown tool",
    strikes: tools,
    answered: true,
    toolCalls: (calls) => [{ ...calls[0], name: "delete_all" }, ...calls],
  },
  { name: "broken arguments", strikes: tools, answered: true, toolCalls: ([call]) => [{ ...call, args: '{"id": ' }] },
  { name: "a tool that fails", strikes: tools, answered: true, toolCalls: ([call]) => [{ ...call, args: { id: -1 } }] },
  {
    name: "a value that does not fit",
    strikes: (mode) => mode.value,
    charged: true,
    codes: ["response_validation"],
    reply: () => ({ text: '{"title": 7}' }),
  },
];

// A header that is right, and what follows is not.
const corruptGzip = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), Buffer.alloc(200, 0xff)]);

/** Until the server sees that the client has left. */
async function* pings() {
  for (;;) {
    yield ": ping\n\n";
    await setTimeout(40);
  }
}
