import { mkdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { Agent } from "../../connect/agent.js";
import { connect } from "../../connect/connect.js";
import { local } from "../../connect/local.js";
import { offlineUser } from "../../connect/offline-model.js";
import { plural } from "../../connect/report/figures.js";
import { writeReport } from "../../connect/report/report.js";
import { reasonOf } from "../../connect/result.js";
import { loadScenarios } from "../../connect/scenario-file.js";
import { snowglobe } from "../../connect/snowglobe.js";
import { createTranscript } from "../../connect/transcript.js";
import type { ModelRef } from "../../model.js";
import type { Output } from "../output.js";
import type { StartJob } from "./job.js";
import { hintFor } from "./keyless.js";
import { failureLine, Progress, summaryLines } from "./progress.js";

/** Lets simulated users talk to the agent, from a file or from Snowglobe. @returns The exit code. */
export function simulate(
  job: StartJob,
  load: () => Promise<Agent>,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  return job.scenarios === undefined
    ? remote(job, load, output, signal)
    : here(job, job.scenarios, load, output, signal);
}

async function here(
  job: StartJob,
  file: string,
  load: () => Promise<Agent>,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const scenarios = await loadScenarios(file);
  const agent = await load();
  const { cwd, concurrency, timeoutMs, offline = false, user, judge } = job;
  const folder = job.folder ?? join(cwd, ".callwright/runs", new Date().toISOString().replace(/[:.]/g, "-"));
  await mkdir(folder, { recursive: true });
  const [transcriptFile, reportFile] = [join(folder, "transcripts.jsonl"), join(folder, "report.html")];
  const transcript = await createTranscript(transcriptFile);
  const progress = new Progress(scenarios.length, output);
  if (offline)
    output.out("Offline: no model is asked. Answers are echoes, and what a judge would decide is not judged.");

  let hint: string | undefined;
  const backend = local({
    scenarios,
    user: offline ? offlineUser : (user as ModelRef | undefined),
    judge: offline ? false : (judge as ModelRef | undefined),
    async onResult(result) {
      await transcript.write(result);
      hint ??= hintFor(reasonOf(result));
      progress.over(result);
    },
  });
  try {
    await connect(agent, { backend, concurrency, timeoutMs, signal, onEvent: (event) => progress.see(event) });
  } finally {
    await transcript.close();
  }
  const { summary } = backend;
  const subtitle = [
    basename(job.path),
    basename(file),
    plural(scenarios.length, "scenario"),
    new Date().toISOString().slice(0, 16).replace("T", " ").concat(" UTC"),
    ...(offline ? ["offline: no model was asked"] : job.model ? [`model ${job.model}`] : []),
  ].join(" · ");
  await writeReport(reportFile, transcriptFile, { title: "Agent under simulation", subtitle, summary });
  for (const line of summaryLines(summary)) output.out(line);
  output.out(`Report:      ${relative(cwd, reportFile)}`);
  output.out(`Transcripts: ${relative(cwd, transcriptFile)}`);
  if (hint) output.err(hint);
  return summary.failed + summary.error > 0 ? 1 : 0;
}

async function remote(job: StartJob, load: () => Promise<Agent>, output: Output, signal: AbortSignal): Promise<number> {
  const agent = await load();
  const { concurrency, timeoutMs } = job;
  const problem = (error: unknown) => output.err(`Problem: ${error instanceof Error ? error.message : error}`);
  const backend = snowglobe({ ...(job.snowglobe as NonNullable<StartJob["snowglobe"]>), onProblem: problem });
  output.out("Connected. Waiting for tests; stop with Ctrl+C.");
  const { delivered, failed } = await connect(agent, {
    backend,
    concurrency,
    timeoutMs,
    signal,
    onEvent(event) {
      if (event.type === "problem") problem(event.error);
      else if (event.type === "failed" || event.type === "undelivered")
        output.err(failureLine(event.request.testId, event.error));
      else if (event.type === "delivered") output.status?.(`Answered ${event.request.testId}`);
    },
  });
  output.out(`Done: ${plural(delivered, "answer")} delivered, ${failed} failed.`);
  return 0;
}
