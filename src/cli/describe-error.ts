import { inspect } from "node:util";
import { RefusalError, ResponseValidationError } from "../errors.js";
import { formatIssues } from "../schema/validate.js";
import { CliError } from "./cli-error.js";

/** An error as it is printed: its name and message, and where in the user's own files it came up. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error))
    return `Error: ${typeof error === "string" ? error : `${inspect(error, { depth: 1 })} was thrown.`}`;
  if (error instanceof CliError) return `Error: ${error.message}`;
  return [`${error.name}: ${error.message}`, wordsOf(error), placeOf(error)].filter(Boolean).join("\n");
}

/** What messages of errors leave out for logs: here the one who asks is the one who reads. */
function wordsOf(error: Error): string | undefined {
  if (RefusalError.isInstance(error)) return error.response.refusal;
  if (ResponseValidationError.isInstance(error)) return formatIssues(error.issues);
  // The error of a schema's own code.
  const isHidden = Object.getOwnPropertyDescriptor(error, "cause")?.get !== undefined;
  return isHidden && error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined;
}

function placeOf(error: Error): string | undefined {
  const lines = error.stack?.split("\n") ?? [];
  const own = lines.find(isOwn);
  if (own || !(error instanceof SyntaxError)) return own;
  // Where modules do not fit together, Node says so in the first line; where one is no JavaScript, it keeps it to itself.
  const [place] = lines[0]?.match(/^\S+:\d+$/) ?? [];
  return place ? `    at ${place}` : "To see where, run node --check on the file.";
}

function isOwn(line: string): boolean {
  return /^\s+at /.test(line) && !/node:|node_modules|\/dist\//.test(line);
}
