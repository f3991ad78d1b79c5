import { visible } from "../connect/report/html.js";
import type { Printed } from "./line.js";
import { type Guarded, guarded } from "./output.js";

export type Style = "dim" | "red";

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = { dim: [2, 22], red: [31, 39] };

/** What a command reads and writes. */
export interface Terminal extends Guarded {
  /** What was asked for, as it comes: on a terminal without what would steer it, in a pipe as it is. */
  write(text: string): void;
  /** A line about it, for whoever watches. */
  err(line: Printed, style?: Style): void;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * The terminal of a process. Colours and progress are for a terminal only; `NO_COLOR` turns colours off, and
 * `FORCE_COLOR` on (https://no-color.org).
 */
export function terminalOf(process: {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const isWatched = stderr.isTTY === true && env.TERM !== "dumb";
  const hasColours = !env.NO_COLOR && (isWatched || Boolean(env.FORCE_COLOR && env.FORCE_COLOR !== "0"));
  const styled = (text: string, style?: Style) =>
    style && hasColours ? `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m` : text;

  let hasStatus = false;
  const clear = () => {
    if (hasStatus) stderr.write("\r\u001b[K");
    hasStatus = false;
  };
  const print = (to: Stream, text: string) => {
    clear();
    to.write(text);
  };
  const { clean, ...lines } = guarded(
    {
      out: (line: string) => print(stdout, `${line}\n`),
      err: (line: string) => print(stderr, `${line}\n`),
      ...(isWatched && {
        status(line: string) {
          print(stderr, line.slice(0, (stderr.columns ?? 80) - 1));
          hasStatus = true;
        },
      }),
    },
    env,
  );
  return {
    ...lines,
    clean,
    // The colours come last, since they steer a terminal, too.
    err: (line, style) => print(stderr, `${styled(clean(line), style)}\n`),
    write: (text) => print(stdout, stdout.isTTY ? visible(text.replaceAll("\r\n", "\n")) : text),
    stdin,
    env,
    cwd: process.cwd(),
  };
}
