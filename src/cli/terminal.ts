import type { Output } from "./output.js";

export type Style = "bold" | "dim" | "red" | "green";
const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
};

/** What a command reads and writes. */
export interface Terminal extends Output {
  /** Text as it comes, without a line's end. */
  write(text: string): void;
  /** Colours where somebody sees them. */
  style(style: Style, text: string): string;
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
  let status = false;
  const clear = () => {
    if (status) stderr.write("\r\u001b[K");
    status = false;
  };
  return {
    write(text) {
      clear();
      stdout.write(text);
    },
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    err(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    ...(isWatched && {
      status(line: string) {
        clear();
        stderr.write(line.slice(0, (stderr.columns ?? 80) - 1));
        status = true;
      },
    }),
    style: (style, text) => (hasColours ? `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m` : text),
    stdin,
    env,
    cwd: process.cwd(),
  };
}
