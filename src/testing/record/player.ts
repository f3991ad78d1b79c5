import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../errors.js";
import { parseCassette } from "./cassette-file.js";
import { closeness, type Differences, firstDifference, type SeenRequest } from "./match.js";
import type { RecordedExchange, RecordedRequest } from "./recorded.js";

export type Match = (request: RecordedRequest, recorded: RecordedRequest) => boolean;

export interface Player {
  /** The response to a request; undefined if there is none. */
  play(seen: SeenRequest): RecordedExchange["response"] | undefined;
  /** Why there is none. */
  missing(seen: SeenRequest): ConfigurationError;
  readonly unplayed: readonly RecordedRequest[];
}

/**
 * Plays a cassette, which is read when it is first needed.
 *
 * @throws ConfigurationError, from each method, if the file cannot be read or is not a cassette.
 */
export function playerOf(path: string, differences: Differences, match: Match | undefined): Player {
  let loaded: readonly RecordedExchange[] | undefined;
  const played = new Set<RecordedExchange>();
  const exchanges = () => {
    loaded ??= readCassette(path);
    return loaded;
  };

  return {
    play(seen) {
      const same = closest(exchanges(), (recorded) =>
        match ? Number(match(seen.masked, recorded)) - 1 : closeness(recorded, seen, differences),
      );
      const next = same.find((exchange) => !played.has(exchange)) ?? same.at(-1);
      if (next) played.add(next);
      return next?.response;
    },
    missing(seen) {
      const nearest = exchanges().find((exchange) => !played.has(exchange)) ?? exchanges().at(-1);
      const difference = nearest && !match && firstDifference(nearest.request, seen, differences);
      const { method, path: requested } = seen.masked;
      return new ConfigurationError(
        `The cassette ${path} has no answer to this request (${method} ${requested.split("?", 1)[0]}${difference ? `; ${difference} is not as recorded` : ""}). Record it anew with mode: "update", or add it with mode: "new".`,
      );
    },
    get unplayed() {
      return exchanges().flatMap((exchange) => (played.has(exchange) ? [] : [exchange.request]));
    },
  };
}

function readCassette(path: string): readonly RecordedExchange[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigurationError(`The cassette ${path} cannot be read. Record it with mode: "update".`, { cause });
  }
  return parseCassette(text, path);
}

/** The exchanges that fit best, in their order. */
function closest(
  exchanges: readonly RecordedExchange[],
  closenessOf: (recorded: RecordedRequest) => number,
): readonly RecordedExchange[] {
  let best: RecordedExchange[] = [];
  let most = 0;
  for (const exchange of exchanges) {
    const close = closenessOf(exchange.request);
    if (close < most) continue;
    if (close > most) best = [];
    most = close;
    best.push(exchange);
  }
  return best;
}
