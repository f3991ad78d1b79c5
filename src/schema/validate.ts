import type { StandardSchemaV1 } from "@standard-schema/spec";
import { hideCause } from "../error-base.js";
import { CallwrightError, ConfigurationError } from "../errors.js";
import { wellFormed } from "../json.js";
import { ownIssue } from "./describe-issues.js";
import type { Schema } from "./standard.js";

/** A value that fits, as the schema gives it back, or the issues of one that does not. */
export type Result<Output = unknown> = StandardSchemaV1.Result<Output>;

/**
 * Asks a schema about a value; the verdict is the schema's own.
 *
 * @throws ConfigurationError (or rejects with it) where the schema's code throws; its `cause` is what was thrown.
 */
export function validate<Output>(schema: Schema<Output>, value: unknown): Result<Output> | Promise<Result<Output>> {
  try {
    const result = schema["~standard"].validate(value);
    return isPromise(result) ? Promise.resolve(result).catch(thrown) : result;
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): StandardSchemaV1.FailureResult {
  if (CallwrightError.isInstance(error)) throw error;
  // The value did this, by its depth; the schema's code is not at fault.
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return { issues: [ownIssue({ message: "The value is nested too deeply" })] };
  }
  // What it says may quote the value, as JSON.parse does.
  const what = error instanceof Error ? error.name : typeof error;
  const message = `A schema threw while it validated (${what}). Read error.cause for what it threw; it may quote the value.`;
  throw hideCause(new ConfigurationError(message), error);
}

/**
 * Like `validate`, where nobody can wait.
 *
 * @param what Begins the error's message, such as "The field title of FormatBook".
 * @throws ConfigurationError where the schema validates asynchronously.
 */
export function validateSync<Output>(schema: Schema<Output>, value: unknown, what: string): Result<Output> {
  return settled(validate(schema, value), what);
}

/** The result itself; a promise of one is an error, because `what` needs the result at once. */
export function settled<T>(result: T | Promise<T>, what: string): T {
  if (!isPromise(result)) return result;
  // What has a then need not have a catch.
  Promise.resolve(result).catch(() => {});
  throw new ConfigurationError(
    `${what} validates asynchronously; only arguments of tool calls and response models can wait for that. Use checks that answer at once here, and that do not throw.`,
  );
}

export function isPromise<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

const limit = { all: 1900, line: 400 };

/** The issues for the model, with the messages of the schema: one line each, with its path, less than 2 kB in all. */
export function formatIssues(issues: readonly StandardSchemaV1.Issue[]): string {
  const encoder = new TextEncoder();
  const lines: string[] = [];
  let bytes = 0;
  for (const issue of issues) {
    const line = lineOf(issue);
    bytes += encoder.encode(line).length + 1;
    if (bytes > limit.all) {
      lines.push(`… and ${issues.length - lines.length} more`);
      break;
    }
    lines.push(line);
  }
  return lines.join("\n");
}

function lineOf({ message, path = [] }: StandardSchemaV1.Issue): string {
  const place = path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".");
  const line = (place ? `${place}: ${message}` : message).replace(/\s+/g, " ");
  return line.length > limit.line ? `${wellFormed(line.slice(0, limit.line))}…` : line;
}
