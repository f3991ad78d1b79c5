// The main file of the process that an agent runs in; see agent-process.ts.
import { fileURLToPath, pathToFileURL } from "node:url";
import { override } from "../../call/override.js";
import { type Agent, defineAgent, isAgent } from "../../connect/agent.js";
import { ScenarioError } from "../../connect/errors.js";
import { offlineModel } from "../../connect/offline-model.js";
import type { ModelRef } from "../../model.js";
import { CliError } from "../cli-error.js";
import { describeError } from "../describe-error.js";
import type { Printed } from "../line.js";
import { checkModels } from "./check-models.js";
import { greet } from "./greet.js";
import type { Job, Order, Told } from "./job.js";
import { simulate } from "./simulate.js";

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) serve(process.send.bind(process));

function serve(send: (message: Told) => void): void {
  const stop = new AbortController();
  // The terminal sends Ctrl+C to all of its processes; the one above says when to stop.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  let kind: Job["kind"] | undefined;
  // Nobody is there any more who would hear an answer; conversations that run are still written down.
  process.on("disconnect", () => (kind === "start" ? stop.abort() : process.exit(1)));
  process.on("message", async (order: Order) => {
    if (order.type === "stop") return stop.abort();
    kind = order.job.kind;
    const line = (to: "out" | "err" | "status") => (text: Printed) => send({ type: "line", to, text });
    const output = { out: line("out"), err: line("err"), status: line("status") };
    try {
      const { job } = order;
      const load = async () => {
        const agent = await loadAgent(job);
        // Here and not before, since the module may make providers known.
        checkModels(job);
        send({ type: "loaded" });
        return agent;
      };
      send({
        type: "done",
        code: await (job.kind === "test" ? greet(job, load, output) : simulate(job, load, output, stop.signal)),
      });
    } catch (error) {
      output.err(describeError(error));
      send({ type: "done", code: error instanceof CliError || error instanceof ScenarioError ? 2 : 1 });
    }
  });
  send({ type: "ready" });
}

/** What the module is for, with another model around it where the job says so. */
async function loadAgent({ path, model, offline }: Job): Promise<Agent> {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const found = agentIn(module);
  const instead = offline ? offlineModel() : (model as ModelRef | undefined);
  if (instead === undefined) return found;
  return { completion: (request, context) => override({ model: instead }, () => found.completion(request, context)) };
}

function agentIn(module: Readonly<Record<string, unknown>>): Agent {
  // A CommonJS module has its exports under `default`, once more.
  const exported = (module.default as { default?: unknown } | undefined)?.default ?? module.default ?? module.agent;
  if (isAgent(exported)) return exported;
  if (typeof exported === "function") return defineAgent(exported as never);
  throw new CliError("The module exports no agent. Write: export default defineAgent({ … })");
}
