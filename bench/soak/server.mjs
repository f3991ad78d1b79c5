import { gzipSync } from "node:zlib";
import { wireServer } from "../../dist/testing/index.js";
import { anthropicWire } from "../../dist/testing/wires/anthropic.js";
import { openaiWire } from "../../dist/testing/wires/openai.js";
import { answerOf } from "../../dist/testing/wires/wire.js";
import { planOf } from "./plan.mjs";

/*
 * Answers by the plan of the call that asks, and keeps its own book: how often each call asked, and what it was charged.
 * A process of its own, so that neither its memory nor its handles count.
 */
const { seed, most } = JSON.parse(process.argv[2]);
const tries = new Uint8Array(most);
const charged = new Uint32Array(most);
const wires = { openai: openaiWire, anthropic: anthropicWire };

const server = await wireServer();
server.reply((request) => {
  // It keeps every request, for tests; a soak has too many of them.
  server.requests.length = 0;
  const { body } = request;
  const [, id] = /Call #(\d+)/.exec(JSON.stringify(body.messages[0])) ?? [];
  if (id === undefined) return {};
  const plan = planOf(seed, Number(id));
  const { fault, times } = plan;
  tries[id]++;
  // The tools have answered, so this is the step after.
  const isFirst = body.messages.length === 1;
  const struck = fault?.reply && isFirst && tries[id] <= times;
  if (fault?.caller?.endsWith("on arrival")) process.send({ arrived: plan.id });
  if (struck && !fault.charged) return fault.reply(plan);
  charged[id] += plan.usage.input + plan.usage.output;
  const reply = { ...whole(plan, isFirst), ...(struck && fault.reply(plan)), usage: plan.usage };
  return fault?.slow ? { ...reply, delayMs: fault.slow(plan) } : packed(plan, reply, body);
});

/** An answer without a fault, or with one of the model's own. */
function whole({ id, mode, fault, pieces, variant }, isFirst) {
  if (mode.tools && isFirst) {
    const calls = Array.from({ length: 1 + (variant % 3) }, () => ({ name: "look_up", args: { id } }));
    return { toolCalls: fault?.toolCalls ? fault.toolCalls(calls) : calls };
  }
  return { text: mode.value ? JSON.stringify({ title: pieces.join(""), id }) : pieces };
}

function packed({ packing, mode, wire }, reply, body) {
  if (packing === "split") return { ...reply, splitAt: [1, 100, 101, 150, 333, 334, 500] };
  if (packing !== "gzip" || mode.streamed) return reply;
  const { text } = reply;
  const answer = wires[wire].plain(answerOf(reply), Array.isArray(text) ? text.join("") : text, body);
  return { raw: gzipSync(JSON.stringify(answer)), headers: { "content-encoding": "gzip" } };
}

process.on("message", ({ calls }) => {
  process.send({
    openConnections: server.openConnections,
    ...(calls && { tries: tries.slice(0, calls), charged: charged.slice(0, calls) }),
  });
});
process.on("disconnect", () => process.exit());
process.send({ openai: server.openai, anthropic: server.anthropic });
