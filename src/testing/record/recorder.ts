import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../errors.js";
import { cassetteWriter } from "./cassette-writer.js";
import { maskedExchange, type SecretsOfRequest } from "./exchange-secrets.js";
import type { RecordedExchange, RecordedRequest } from "./recorded.js";
import { eventsOf, jsonOr, keptHeaders, overheard } from "./response.js";

export interface Recorder {
  /** The same response, whose body is written down while it is read. */
  keep(request: RecordedRequest, secrets: SecretsOfRequest, ask: () => Promise<Response>): Promise<Response>;
  /** @throws ConfigurationError if the file could not be written. */
  close(): Promise<void>;
}

/** @param replaces Whether the recording takes the place of the one that is there. */
export function recorderOf(path: string, replaces: boolean): Recorder {
  /** In the order of the requests; filled as the answers are read to their end. */
  const slots: { kept?: RecordedExchange }[] = [];
  const reading = new Set<Promise<unknown>>();
  const write = cassetteWriter(path, replaces ? textIn(path) : undefined);
  let hasNews = false;
  let saving: Promise<void> | undefined;
  let failure: { readonly cause: unknown } | undefined;

  function fail(cause: unknown): void {
    if (!failure) process.emitWarning(`The cassette ${path} could not be written: ${cause}`);
    failure = { cause };
  }

  /** What comes while the file is written is written together, after it. */
  async function saveAll(): Promise<void> {
    while (hasNews) {
      hasNews = false;
      await write(slots.flatMap(({ kept }) => (kept ? [kept] : []))).catch(fail);
    }
    saving = undefined;
  }

  return {
    async keep(request, secrets, ask) {
      const slot: (typeof slots)[number] = {};
      slots.push(slot);
      const answer = await ask();
      const headers = keptHeaders(answer.headers);
      const { response, text } = overheard(answer);
      const kept = text
        .then((whole) => {
          if (whole === undefined) return;
          const json = /\bjson\b/i.test(headers["content-type"] ?? "") ? jsonOr(whole) : undefined;
          const body = typeof json === "object" ? { json } : { chunks: eventsOf(whole) };
          slot.kept = maskedExchange({ request, response: { status: answer.status, headers, ...body } }, secrets);
          hasNews = true;
          saving ??= saveAll();
        })
        .catch(fail)
        .finally(() => reading.delete(kept));
      reading.add(kept);
      return response;
    },

    async close() {
      // Who has all of an answer may still be waiting for the end of its body; who left it never reads on.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lastBytesMs);
        Promise.all(reading).then(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      await saving;
      if (failure) throw new ConfigurationError(`The cassette ${path} could not be written.`, failure);
    },
  };
}

const lastBytesMs = 1000;

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
