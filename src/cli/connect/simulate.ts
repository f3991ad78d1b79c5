import { mkdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { Agent } from "../../connect/agent.js";
import type { SimBackend } from "../../connect/backend.js";
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
import { CliError } from "../cli-error.js";
import { line, own } from "../line.js";
import type { Printer } from "../output.js";
import type { StartJob } from "./job.js";
import { hintFor, notJudgedCode } from "./keyless.js";
import { maskedResult, maskOf } from "./masked.js";
import { failureLine, Progress, problemLine, summaryLines } from "./progress.js";

/**
 * Lets simulated users talk to the agent, from a file or from Snowglobe.
 *
 * @returns The exit code: 1 if a check failed or an answer is missing, 3 if a check was not judged and that matters.
 * @throws ScenarioError; CliError if the folder cannot be used.
 */
export function simulate(
  job: StartJob,
  load: () => Promise<Agent>,
  output: Printer,
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
  output: Printer,
  signal: AbortSignal,
): Promise<number> {
  const scenarios = await loadScenarios(file);
  const agent = await load();
  const { cwd, concurrency, timeoutMs, offline = false, user, judge } = job;
  const folder = await folderFor(job);
  const [transcriptFile, reportFile] = [join(folder, "transcripts.jsonl"), join(folder, "report.html")];
  const mask = maskOf(process.env);
  const transcript = await createTranscript(transcriptFile);
  const progress = new Progress(scenarios.length, output);
  if (offline)
    output.out(own("Offline: no model is asked. Answers are echoes, and what a judge would decide is not judged."));

  let hint: string | undefined;
  const backend = local({
    scenarios,
    user: offline ? offlineUser : (user as ModelRef | undefined),
    judge: offline ? false : (judge as ModelRef | undefined),
    async onResult(result) {
      await transcript.write(maskedResult(result, mask));
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
    mask(basename(job.path)),
    mask(basename(file)),
    plural(scenarios.length, "scenario"),
    new Date().toISOString().slice(0, 16).replace("T", " ").concat(" UTC"),
    ...(offline ? ["offline: no model was asked"] : job.model ? [`model ${mask(job.model)}`] : []),
  ].join(" · ");
  await writeReport(reportFile, transcriptFile, { title: "Agent under simulation", subtitle, summary });
  for (const each of summaryLines(summary)) output.out(own(each));
  output.out(line`Report:      ${relative(cwd, reportFile)}`);
  output.out(line`Transcripts: ${relative(cwd, transcriptFile)}`);
  if (hint) output.err(own(hint));
  if (summary.failed + summary.error > 0) return 1;
  const { unjudged } = summary.checks;
  if (!job.strict || unjudged === 0) return 0;
  output.err(own(`${plural(unjudged, "check")} not judged, so the exit code is ${notJudgedCode}. ${strictHint}`));
  return notJudgedCode;
}

const strictHint = "That is --strict, the default in CI: let a judge decide, or allow it with --no-strict.";

/** @throws CliError */
async function folderFor({ cwd, folder }: StartJob): Promise<string> {
  const path = folder ?? join(cwd, ".callwright/runs", new Date().toISOString().replace(/[:.]/g, "-"));
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (cause) {
    throw new CliError(`${path} cannot be a folder for the report (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}

async function remote(
  job: StartJob,
  load: () => Promise<Agent>,
  output: Printer,
  signal: AbortSignal,
): Promise<number> {
  const agent = await load();
  const { concurrency, timeoutMs } = job;
  const problem = (error: unknown) => output.err(problemLine(error));
  const backend = snowglobeFor(job, problem);
  output.out(own("Connected. Waiting for tests; stop with Ctrl+C."));
  const { delivered, failed } = await connect(agent, {
    backend,
    concurrency,
    timeoutMs,
    signal,
    onEvent(event) {
      if (event.type === "problem") problem(event.error);
      else if (event.type === "failed" || event.type === "undelivered")
        output.err(failureLine(event.request.testId, event.error));
      else if (event.type === "delivered") output.status?.(line`Answered ${event.request.testId}`);
    },
  });
  output.out(own(`Done: ${plural(delivered, "answer")} delivered, ${failed} failed.`));
  return 0;
}

/** @throws CliError for an address that cannot be used. */
function snowglobeFor({ snowglobe: access }: StartJob, onProblem: (error: unknown) => void): SimBackend {
  try {
    return snowglobe({ ...(access as NonNullable<typeof access>), onProblem });
  } catch (cause) {
    throw new CliError((cause as Error).message, { cause });
  }
}
