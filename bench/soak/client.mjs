import { fork } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { CallwrightError, model } from "../../dist/index.js";
import { callsOf, make, unreachable } from "./calls.mjs";
import { Edge } from "./edge.mjs";
import { Ledger } from "./ledger.mjs";
import { endingsOf, planOf } from "./plan.mjs";
import { polluted } from "./polluted.mjs";

/*
 * Makes the calls, batch after batch, and reports what the ledger, the server and the process say. The parent starts it
 * with --expose-gc and --unhandled-rejections=strict.
 */
const { seed, seconds, calls: wanted, inFlight, batch, most } = JSON.parse(process.argv[2]);
const server = fork(new URL("server.mjs", import.meta.url), [JSON.stringify({ seed, most })], {
  execArgv: [],
  serialization: "advanced",
});
const [access] = await once(server, "message");
const endings = ["answered", "failed", "dropped"];
const controllers = new Map();
server.on("message", ({ arrived }) => {
  if (arrived === undefined) return;
  // A moment later a refusal has come too, and the pause has begun.
  setTimeout(30).then(() => controllers.get(arrived)?.abort(new Error("The caller has gone.")));
});
// Node opens these two by itself, when the first socket closes.
void [process.stdout, process.stderr];
const resourcesBefore = process.getActiveResourcesInfo().sort();
const shared = new AbortController();
const ledger = new Ledger(most);
const invokeOf = callsOf(access, shared.signal, ledger);
const edge = new Edge(invokeOf, (id) => planOf(seed, id));
await edge.open();
const samples = [];
// Loading the SDKs takes longer than the shortest limits below.
for (const wire of ["openai", "anthropic"]) await model(`${wire}/any`, access[wire]).complete("Hello");
let calls = 0;
let peakListeners = 0;

const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 1000;
while ((wanted ? calls < wanted : elapsed() < seconds) && calls < most) {
  // Every other batch runs in a process in which another package has written to the prototype of all objects.
  const clean = samples.length % 2 === 1 ? polluted() : () => {};
  await runBatch(Math.min(batch, most - calls, wanted ? wanted - calls : most));
  clean();
  await quiet();
  samples.push({ calls, heapMb: process.memoryUsage().heapUsed / 1e6, listeners: listeners() });
}
const took = elapsed();
await edge.close();

const report = await askServer({ calls });
const endpoints = ["openai", "anthropic"].flatMap((wire) =>
  [access[wire].baseURL, unreachable].map((baseURL) => model(`${wire}/any`, { ...access[wire], baseURL })),
);
// It waits for what is under way, and nothing should be.
await Promise.race([
  Promise.all(endpoints.map((endpoint) => endpoint.close())),
  setTimeout(5000, undefined, { ref: false }),
]);
const closingAt = performance.now();
let { openConnections } = await askServer({});
while (openConnections > 0 && performance.now() - closingAt < 1000) {
  await setTimeout(20);
  ({ openConnections } = await askServer({}));
}
const resourcesAfter = process.getActiveResourcesInfo().sort();

process.send({
  calls,
  seconds: took,
  samples,
  ...Object.fromEntries(endings.map((ending) => [ending, ledger.count(calls, (id) => endedOnce(id, ending))])),
  surprises: ledger.surprises.length,
  examples: [...ledger.surprises.filter(Boolean), ...miscounted()],
  kinds: [...ledger.kinds],
  wrongTries: ledger.count(calls, (id) => !sameTries(id, report.tries[id])),
  tries: report.tries.reduce((sum, each) => sum + each, 0),
  wrongTokens: ledger.count(calls, (id) => report.charged[id] !== ledger.used[id]),
  wrongTold: ledger.count(calls, (id) => ledger.answered[id] > 0 && ledger.told[id] !== ledger.used[id]),
  tokens: report.charged.reduce((sum, each) => sum + each, 0),
  listeners: listeners(),
  peakListeners,
  openConnections,
  resources: isDeepStrictEqual(resourcesBefore, resourcesAfter)
    ? undefined
    : `${resourcesBefore.join()} became ${resourcesAfter.join()}`,
  rssMb: process.resourceUsage().maxRSS / 1000,
});
server.disconnect();
process.disconnect();

/** The first calls that the server counts otherwise. */
function miscounted() {
  const ids = Array.from({ length: calls }, (_, id) => id).filter((id) => report.charged[id] !== ledger.used[id]);
  return ids.slice(0, 5).map((id) => {
    const { mode, wire, fault } = planOf(seed, id);
    const counts = `${report.tries[id]} tries and ${report.charged[id]} tokens at the server, ${ledger.tries[id]} and ${ledger.used[id]} here`;
    return `call ${id} (${wire}, ${mode.name}, ${fault?.name ?? "no fault"}): ${counts}`;
  });
}

async function runBatch(size) {
  const end = calls + size;
  const open = new Set();
  const worker = async () => {
    while (calls < end) {
      const id = calls++;
      open.add(id);
      await settle(id);
      open.delete(id);
    }
  };
  const done = Promise.all(Array.from({ length: inFlight }, worker));
  const hung = new AbortController();
  const watchdog = setTimeout(120_000, undefined, { signal: hung.signal }).then(
    () => {
      const plans = [...open].map((id) => `${id} (${planOf(seed, id).fault?.name})`);
      throw new Error(`Calls that never ended: ${plans.join(", ")}`);
    },
    () => {},
  );
  await Promise.race([done, watchdog]);
  hung.abort();
}

async function settle(id) {
  const plan = planOf(seed, id);
  const expected = endingsOf(plan);
  try {
    const result = plan.mode.served
      ? await edge.make(plan, controllers)
      : await make(plan, invokeOf(plan), controllers);
    if (result.dropped) return ledger.settle(plan, "dropped", expected);
    const { content, tokens } = result;
    ledger.told[id] = tokens;
    ledger.settle(plan, "answered", expected, content === plan.pieces.join("") ? undefined : "with another text");
  } catch (error) {
    const typed = CallwrightError.isInstance(error);
    ledger.settle(
      plan,
      typed ? error.code : "untyped",
      expected,
      expected.includes(error.code) ? undefined : `${error}`,
    );
  } finally {
    controllers.delete(id);
    peakListeners = Math.max(peakListeners, listeners());
  }
}

/** Everything that was left to the garbage collector is collected. */
async function quiet() {
  for (let round = 0; round < 3 || (listeners() > 0 && round < 50); round++) {
    globalThis.gc();
    await setTimeout(20);
  }
}

function listeners() {
  return getEventListeners(shared.signal, "abort").length;
}

async function askServer(question) {
  server.send(question);
  for (;;) {
    const [answer] = await once(server, "message");
    if (answer.openConnections !== undefined) return answer;
  }
}

function endedOnce(id, ending) {
  return ledger[ending][id] === 1 && endings.reduce((sum, each) => sum + ledger[each][id], 0) === 1;
}

function sameTries(id, counted) {
  const { fault } = planOf(seed, id);
  if (fault?.unreachable) return counted === 0;
  const tries = ledger.tries[id];
  // What waits behind it on its connection is never begun.
  if (fault?.loose) return counted <= tries && tries === 1;
  // On a machine that is busy, a short limit may end a try before it has left.
  return fault?.settings ? counted <= tries : counted === tries;
}
