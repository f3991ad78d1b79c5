import { existsSync } from "node:fs";
import { ConfigurationError } from "../../errors.js";
import { own } from "../../own.js";
import { attemptKey } from "../../transport/attempt.js";
import type { SendInit } from "../../transport/transport.js";
import { type RecordedExchange, readCassette, writeCassette } from "./cassette-file.js";
import { cassettePath } from "./cassette-path.js";
import { firstDifference, isSame, type SeenRequest } from "./match.js";
import { eventsOf, keptHeaders, overheard, replayed } from "./response.js";
import { secretsOf, withoutSecrets } from "./without-secrets.js";

export interface RecordOptions {
  /**
   * `"once"` records where there is no file yet, and replays where there is one; `"replay"` never asks the network;
   * `"update"` records anew.
   *
   * @default "once", or "replay" where the environment variable `CI` is set
   */
  readonly mode?: "once" | "replay" | "update";
  /** @default "cassettes", in the working directory */
  readonly folder?: string;
  /** More texts that no file may hold, beside what the requests authenticate with and the keys of the environment. */
  readonly secrets?: readonly string[];
  /** Carries the requests that are recorded. @default the platform's own */
  readonly fetch?: typeof globalThis.fetch;
}

export interface Cassette extends AsyncDisposable {
  /** Spread into the options of a call, a model, or a vendor's own client. */
  readonly access: { readonly fetch: typeof globalThis.fetch; readonly apiKey?: string };
  /** Where the file lies. */
  readonly path: string;
  /** Whether answers come from the file. */
  readonly replays: boolean;
  /**
   * Resolves when all that was recorded is in the file.
   *
   * @throws ConfigurationError where it could not be written; the calls themselves were not disturbed.
   */
  close(): Promise<void>;
}

/**
 * Keeps what a provider answers in a JSON file, and answers from the file the next time: the real SDK and all that is
 * above it run, without a network and without a key. A request is known by its method, path and body. What was asked
 * several times is answered in the order of the recording, the last answer again and again.
 *
 * Neither keys nor any header that could hold one come into the file. An answer that was not read to its end is not kept.
 *
 * @throws ConfigurationError for a name that leads out of the folder; from a call, where the cassette has no answer.
 */
export function record(name: string, options: RecordOptions = {}): Cassette {
  const { folder = "cassettes", mode = process.env.CI ? "replay" : "once", secrets = [], fetch: carry } = own(options);
  const path = cassettePath(folder, name);
  const replays = mode === "replay" || (mode === "once" && existsSync(path));
  const player = replays ? playerOf(path) : undefined;
  const recorder = recorderOf(path, secrets);

  const fetch: typeof globalThis.fetch = async (input, init?: SendInit) => {
    init?.signal?.throwIfAborted();
    const request = new Request(input, own(init ?? {}));
    const body = await request.clone().text();
    const { pathname, search } = new URL(request.url);
    const seen = { method: request.method, path: pathname + search, body: jsonOr(body) };
    if (!player) return recorder.keep(seen, request, () => (carry ?? globalThis.fetch)(input, own(init ?? {})));
    try {
      return replayed(await player(seen));
    } catch (error) {
      // The SDKs would wrap it.
      init?.[attemptKey]?.fail(error);
      throw error;
    }
  };

  return {
    access: replays ? { fetch, apiKey: "sk-a-replay-needs-no-key" } : { fetch },
    path,
    replays,
    close: recorder.close,
    [Symbol.asyncDispose]: recorder.close,
  };
}

function playerOf(path: string): (request: SeenRequest) => Promise<RecordedExchange["response"]> {
  let loaded: Promise<readonly RecordedExchange[]> | undefined;
  const played = new Set<RecordedExchange>();

  return async (request) => {
    loaded ??= readCassette(path);
    const exchanges = await loaded;
    const same = exchanges.filter((exchange) => isSame(exchange.request, request));
    const next = same.find((exchange) => !played.has(exchange)) ?? same.at(-1);
    if (next) {
      played.add(next);
      return next.response;
    }
    const nearest = exchanges.find((exchange) => !played.has(exchange)) ?? exchanges.at(-1);
    const difference = nearest && firstDifference(nearest.request, request);
    throw new ConfigurationError(
      `The cassette ${path} has no answer to this request (${request.method} ${request.path.split("?", 1)[0]}${difference ? `; ${difference} is not as recorded` : ""}). Record it anew with mode: "update".`,
    );
  };
}

function recorderOf(path: string, more: readonly string[]) {
  /** In the order of the requests; filled as the answers are read to their end. */
  const slots: { kept?: RecordedExchange }[] = [];
  const reading = new Set<Promise<unknown>>();
  let writing: Promise<unknown> = Promise.resolve();
  let failure: { readonly cause: unknown } | undefined;

  function fail(cause: unknown): void {
    if (!failure) process.emitWarning(`The cassette ${path} could not be written: ${cause}`);
    failure = { cause };
  }

  function save(): Promise<void> {
    const exchanges = slots.flatMap(({ kept }) => (kept ? [kept] : []));
    return writeCassette(path, exchanges).catch(fail);
  }

  return {
    /** The same response, whose body is written down while it is read. */
    async keep(request: SeenRequest, sent: Request, ask: () => Promise<Response>): Promise<Response> {
      const slot: (typeof slots)[number] = {};
      slots.push(slot);
      const secrets = secretsOf(new URL(sent.url), sent.headers, more);
      const answer = await ask();
      const headers = keptHeaders(answer.headers);
      const { response, text } = overheard(answer);
      const kept = text
        .then((whole) => {
          if (whole === undefined) return;
          const json = /\bjson\b/i.test(headers["content-type"] ?? "") ? jsonOr(whole) : undefined;
          const body = typeof json === "object" ? { json } : { chunks: eventsOf(whole) };
          slot.kept = withoutSecrets({ request, response: { status: answer.status, headers, ...body } }, secrets);
          writing = writing.then(save);
        })
        .catch(fail)
        .finally(() => reading.delete(kept));
      reading.add(kept);
      return response;
    },

    async close(): Promise<void> {
      // Who has all of an answer may still be waiting for the end of its body; who left it never reads on.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lastBytesMs);
        Promise.all(reading).then(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      await writing;
      if (failure) throw new ConfigurationError(`The cassette ${path} could not be written.`, failure);
    },
  };
}

const lastBytesMs = 1000;

/** The value of a JSON text, or any other text as it is. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
