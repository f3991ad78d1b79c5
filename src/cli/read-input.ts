import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { decodeText } from "../media/charset.js";
import { CliError } from "./cli-error.js";
import type { Terminal } from "./terminal.js";

/** More than what models read; what never ends is noticed by it. */
const mostInput = 50_000_000;

/** Reads what `-` and `@file` stand for. */
export interface InputReader {
  /** The text of an option: `-` is the standard input, `@file` a file, all else itself. @throws CliError */
  option(name: string, text: string): Promise<string>;
  /** The text of a flag or an argument: `-` is the standard input, without its last line break. @throws CliError */
  value(text: string): Promise<string>;
}

export function inputReader({ stdin, cwd }: Pick<Terminal, "stdin" | "cwd">): InputReader {
  let hasRead = false;
  const read = async () => {
    if (hasRead) throw new CliError("The standard input can be read once. Use - for one value only.");
    hasRead = true;
    return textOf(stdin);
  };
  return {
    async option(name, text) {
      if (text === "-") return read();
      return text.startsWith("@") ? fileText(cwd, text.slice(1), name) : text;
    },
    async value(text) {
      return text === "-" ? (await read()).replace(/\r?\n$/, "") : text;
    },
  };
}

async function fileText(cwd: string, file: string, option: string): Promise<string> {
  const path = resolve(cwd, file);
  try {
    const { size } = await stat(path);
    if (size > mostInput) throw new CliError(`${file} has more than ${mostInput / 1e6} MB.`);
    return decoded(await readFile(path), file);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`The file ${JSON.stringify(file)} of ${option} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

async function textOf(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of stdin) {
    pieces.push(Buffer.from(piece));
    bytes += piece.length;
    if (bytes > mostInput) throw new CliError(`The standard input has more than ${mostInput / 1e6} MB.`);
  }
  return decoded(Buffer.concat(pieces), "The standard input");
}

/** Without a byte order mark; PowerShell writes UTF-16. */
function decoded(bytes: Uint8Array, what: string): string {
  const text = decodeText(bytes, undefined);
  if (text === undefined) throw new CliError(`${what} is not text.`);
  return text;
}
