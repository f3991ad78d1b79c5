import { visible } from "../connect/report/html.js";
import { redact, secretsOfEnvironment } from "../redact.js";
import { type Printed, textOf, withValues } from "./line.js";

/** Where a command prints. Lines come without their end. */
export interface Output {
  out(line: string): void;
  err(line: string): void;
  /** A line that the next one takes the place of; left out where nobody watches. */
  status?(line: string): void;
}

/** An output that may be told which words are the command's own. */
export interface Printer {
  out(line: Printed): void;
  err(line: Printed): void;
  status?(line: Printed): void;
}

/** An output that hides secrets, and shows what would steer a terminal. */
export interface Guarded extends Printer {
  /** What is printed of a line. */
  clean(line: Printed): string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Keeps what steers a terminal, and secrets of the environment, out of what is printed. The command's own words stay as
 * they are, whatever a variable holds.
 *
 * @param secrets More that is secret.
 */
export function guarded(output: Output | Guarded, env: Env = process.env, secrets: readonly string[] = []): Guarded {
  const hidden = [...secretsOfEnvironment(env).values(), ...secrets];
  const hide = (text: string) => visible(redact(text, hidden));
  const clean = (line: Printed) => textOf(withValues(line, hide));
  // Another guard around this one has to know the own words, too.
  const inner: Printer = isGuarded(output) ? output : plain(output);
  return {
    clean,
    out: (line) => inner.out(withValues(line, hide)),
    err: (line) => inner.err(withValues(line, hide)),
    ...(inner.status && { status: (line: Printed) => inner.status?.(withValues(line, hide)) }),
  };
}

function plain(output: Output): Printer {
  return {
    out: (line) => output.out(textOf(line)),
    err: (line) => output.err(textOf(line)),
    ...(output.status && { status: (line: Printed) => output.status?.(textOf(line)) }),
  };
}

function isGuarded(output: Output | Guarded): output is Guarded {
  return "clean" in output;
}
