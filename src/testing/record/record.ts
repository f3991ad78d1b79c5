import { existsSync } from "node:fs";
import { ConfigurationError } from "../../errors.js";
import { own } from "../../own.js";
import { attemptKey } from "../../transport/attempt.js";
import type { SendInit } from "../../transport/transport.js";
import { cassettePath } from "./cassette-path.js";
import { removeLeftovers } from "./cassette-writer.js";
import { secretsOf, seenRequest } from "./exchange-secrets.js";
import { differencesExcept } from "./match.js";
import { playerOf } from "./player.js";
import type { RecordedRequest } from "./recorded.js";
import { recorderOf } from "./recorder.js";
import { jsonOr, replayed } from "./response.js";

const modes = ["once", "replay", "update", "new"] as const;

export interface RecordOptions {
  /**
   * `"once"` records if there is no file yet, and replays if there is one; `"replay"` never sends a request; `"update"`
   * records everything again; `"new"` replays what is in the file and records what is not.
   *
   * @default "once", or "replay" if the environment variable `CI` is set to anything but `false` or `0`
   */
  readonly mode?: (typeof modes)[number];
  /** @default "cassettes", in the working directory */
  readonly folder?: string;
  /** More texts that no file may hold, beside what the requests authenticate with and the keys of the environment. */
  readonly secrets?: readonly string[];
  /**
   * Members of a request that do not count when it is compared with recorded ones, such as `"body.metadata.trace_id"` and
   * `"body.messages[*].name"`; `*` is any name or index.
   *
   * @default none
   */
  readonly ignore?: readonly string[];
  /**
   * Decides whether a request is a recorded one, instead of the comparison of method, path and body. Both have marks such
   * as `<***>` in the place of secrets.
   */
  readonly match?: (request: RecordedRequest, recorded: RecordedRequest) => boolean;
  /** Carries the requests that are recorded. @default the platform's own */
  readonly fetch?: typeof globalThis.fetch;
}

export interface Cassette extends AsyncDisposable {
  /** Spread into the options of a call, a model, or a vendor's own client. */
  readonly access: { readonly fetch: typeof globalThis.fetch; readonly apiKey?: string };
  /** The path of the file. */
  readonly path: string;
  /** Whether responses come from the file. */
  readonly replays: boolean;
  /**
   * The requests of the file that were not replayed so far; empty if nothing is replayed.
   *
   * @throws ConfigurationError if the file cannot be read or is not a cassette.
   */
  readonly unplayed: readonly RecordedRequest[];
  /**
   * Resolves when all that was recorded is in the file.
   *
   * @throws ConfigurationError if it could not be written; the calls themselves were not disturbed.
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
 * @throws ConfigurationError for a name that leads out of the folder and for a mode that does not exist; from a call, if
 * the cassette has no answer or is not valid.
 */
export function record(name: string, options: RecordOptions = {}): Cassette {
  const { folder = "cassettes", mode = isCi() ? "replay" : "once", secrets = [], ignore = [] } = own(options);
  const { match, fetch: carry } = own(options);
  if (!modes.includes(mode))
    throw new ConfigurationError(`record() has no mode ${JSON.stringify(mode)}. Use one of ${modes.join(", ")}.`);
  const path = cassettePath(folder, name);
  removeLeftovers(path);
  const replays = mode === "replay" || (mode !== "update" && existsSync(path));
  const differences = differencesExcept(ignore, (variable) => Boolean(process.env[variable]));
  const player = replays ? playerOf(path, differences, match) : undefined;
  const recorder = recorderOf(path, mode === "update");

  const fetch: typeof globalThis.fetch = async (input, init?: SendInit) => {
    init?.signal?.throwIfAborted();
    const request = new Request(input, own(init ?? {}));
    const url = new URL(request.url);
    const body = jsonOr(await request.clone().text());
    const asked = { method: request.method, path: url.pathname + url.search, body };
    const known = secretsOf(url, request.headers, secrets);
    const attempt = init?.[attemptKey];
    try {
      const seen = player && seenRequest(asked, known);
      const response = seen && player.play(seen);
      if (response) return replayed(response, attempt !== undefined);
      if (seen && mode !== "new") throw player.missing(seen);
    } catch (error) {
      // The SDKs would wrap it.
      attempt?.fail(error);
      throw error;
    }
    return recorder.keep(asked, known, () => (carry ?? globalThis.fetch)(input, own(init ?? {})));
  };

  return {
    access: replays && mode !== "new" ? { fetch, apiKey: "sk-a-replay-needs-no-key" } : { fetch },
    path,
    replays,
    get unplayed() {
      return player?.unplayed ?? [];
    },
    close: recorder.close,
    [Symbol.asyncDispose]: recorder.close,
  };
}

/** Many shells and tools switch it off by a word. */
function isCi(): boolean {
  return !/^\s*(|0|false|no|off)\s*$/i.test(process.env.CI ?? "");
}
