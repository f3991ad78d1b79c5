import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";

/** One request and its answer, without secrets. */
export interface RecordedExchange {
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** A body that is JSON. */
    readonly json?: unknown;
    /** Any other body: the events of a stream, or the whole. */
    readonly chunks?: readonly string[];
  };
}

const version = 1;

/** @throws ConfigurationError where the file is not there or is no cassette. */
export async function readCassette(path: string): Promise<readonly RecordedExchange[]> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new ConfigurationError(`The cassette ${path} cannot be read. Record it with mode: "update".`, { cause });
  });
  const cassette = parsed(text);
  if (!isPlainObject(cassette) || cassette.version !== version || !isExchanges(cassette.exchanges))
    throw new ConfigurationError(`${path} is no cassette of version ${version}. Record it anew with mode: "update".`);
  return cassette.exchanges;
}

/** Writes beside the file and then renames, so that nobody ever reads half a cassette. */
export async function writeCassette(path: string, exchanges: readonly RecordedExchange[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, `${JSON.stringify({ version, exchanges }, null, 2)}\n`, { flag: "wx" });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isExchanges(value: unknown): value is readonly RecordedExchange[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        isPlainObject(each) &&
        isPlainObject(each.request) &&
        isPlainObject(each.response) &&
        isHeaders(each.response.headers) &&
        isStatus(each.response.status) &&
        (each.response.chunks === undefined || Array.isArray(each.response.chunks)),
    )
  );
}

function isHeaders(value: unknown): boolean {
  try {
    return isPlainObject(value) && new Headers(value as Record<string, string>) !== undefined;
  } catch {
    return false;
  }
}

/** Whether a Response takes it. */
function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599;
}
