import { ConfigurationError } from "../errors.js";

/** The error for one field of a schema; an empty path is the schema itself. */
export function fieldError(path: readonly PropertyKey[], problem: string, cause?: unknown): ConfigurationError {
  const place = path.length > 0 ? `The field ${formatPath(path)}` : "The schema";
  return new ConfigurationError(`${place} ${problem}`, {
    issues: [{ message: problem, path: [...path] }],
    ...(cause !== undefined && { cause }),
  });
}

/** Schemas come from outside, too, with names of any length. */
const longestPath = 300;

/** `address.tags[]`: items of a list are written as brackets. */
export function formatPath(path: readonly PropertyKey[]): string {
  const whole = path.reduce<string>((text, step) => {
    if (step === items) return `${text}[]`;
    return text ? `${text}.${String(step)}` : String(step);
  }, "");
  return shortened(whole);
}

/** A path for a message, without its end if it is long. */
export function shortened(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}

/** The step of a path from a list to its items. */
export const items = "[]";

/** The error of a schema that became the field `name` of an object. */
export function inField(name: string, error: unknown): unknown {
  if (!(error instanceof ConfigurationError)) return error;
  const [issue] = error.issues ?? [];
  if (issue) return fieldError([name, ...((issue.path ?? []) as PropertyKey[])], issue.message, error.cause);
  return new ConfigurationError(`The field ${name}: ${uncapitalized(error.message)}`, { cause: error.cause });
}

/** The error with the name of what has the schema, such as `The tool search: the field filter is a record …`. */
export function inContext(what: string, error: unknown): unknown {
  if (!(error instanceof ConfigurationError)) return error;
  return new ConfigurationError(`${what}: ${uncapitalized(error.message)}`, {
    issues: error.issues,
    ...("cause" in error && { cause: error.cause }),
  });
}

function uncapitalized(message: string): string {
  return /^(A|The|Two) /.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
}
