import type { Printed } from "../line.js";

/** What the process of an agent is told to do, as plain data. */
export type Job = TestJob | StartJob;

interface SharedJob {
  readonly path: string;
  readonly cwd: string;
  /** Answers in place of the agent's own model. */
  readonly model?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface TestJob extends SharedJob {
  readonly kind: "test";
}

export interface StartJob extends SharedJob {
  readonly kind: "start";
  readonly concurrency?: number | undefined;
  /** Whether a check that was not judged changes the exit code. */
  readonly strict?: boolean | undefined;
  /** A file; without one the tests come from Snowglobe. */
  readonly scenarios?: string | undefined;
  /** A folder for the transcript and the report. */
  readonly folder?: string | undefined;
  /** Models that play users and judge. */
  readonly user?: string | undefined;
  readonly judge?: string | undefined;
  readonly snowglobe?:
    | { readonly appId: string; readonly apiKey: string; readonly url?: string | undefined }
    | undefined;
}

/** What that process says. */
export type Told =
  | { readonly type: "ready" }
  | { readonly type: "loaded" }
  | { readonly type: "line"; readonly to: "out" | "err" | "status"; readonly text: Printed }
  | { readonly type: "done"; readonly code: number };

export type Order = { readonly type: "job"; readonly job: Job } | { readonly type: "stop" };
