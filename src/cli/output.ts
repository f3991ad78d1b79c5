import { visible } from "../connect/report/html.js";
import { redact, secretsOfEnvironment } from "../redact.js";

/** Where a command prints. Lines come without their end. */
export interface Output {
  out(line: string): void;
  err(line: string): void;
  /** A line that the next one takes the place of; left out where nobody watches. */
  status?(line: string): void;
}

/** Keeps what steers a terminal, and secrets of the environment, out of what is printed. */
export function guarded(
  output: Output,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Output & { clean(text: string): string } {
  const secrets = [...secretsOfEnvironment(env).values()];
  const clean = (text: string) => visible(redact(text, secrets));
  return {
    clean,
    out: (line) => output.out(clean(line)),
    err: (line) => output.err(clean(line)),
    ...(output.status && { status: (line: string) => output.status?.(clean(line)) }),
  };
}
