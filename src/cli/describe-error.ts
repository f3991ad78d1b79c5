import { inspect } from "node:util";
import { CliError } from "./cli-error.js";

/** An error as it is printed: its name and message, and where in the user's own files it came up. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error))
    return `Error: ${typeof error === "string" ? error : `${inspect(error, { depth: 1 })} was thrown.`}`;
  if (error instanceof CliError) return `Error: ${error.message}`;
  const lines = error.stack?.split("\n") ?? [];
  const place = error instanceof SyntaxError ? lines[0]?.match(/^\S+:\d+$/)?.[0] : lines.find(isOwn);
  return [`${error.name}: ${error.message}`, place?.replace(/^(?! )/, "    at ")].filter(Boolean).join("\n");
}

function isOwn(line: string): boolean {
  return /^\s+at /.test(line) && !/node:|node_modules|\/dist\//.test(line);
}
