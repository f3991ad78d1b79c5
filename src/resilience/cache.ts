import { Answer } from "../answer.js";
import { ConfigurationError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import { whyIncomplete } from "../incomplete.js";
import type { Middleware, Model, ModelEvent, ModelRequest } from "../model.js";
import { checkCounts, checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { messageOf } from "../tool/result.js";
import { Attempt } from "../transport/attempt.js";
import { after } from "../wait.js";
import { isCacheEntry } from "./cache-entry.js";
import { cacheKey } from "./cache-key.js";
import { type CacheStore, memoryStore } from "./memory-store.js";
import { slotWarning } from "./slot-warning.js";

export interface CacheOptions {
  /** Where answers are kept. @default this process */
  readonly store?: CacheStore | undefined;
  /** For how many milliseconds an answer is kept. @default no limit */
  readonly ttlMs?: number | undefined;
  /** The most answers that are kept in this process; the longest unused goes. Not for a store of one's own. @default 1000 */
  readonly maxEntries?: number | undefined;
}

/**
 * Answers a request that was answered before with the same events, streams included, and asks nobody. Two requests are
 * the same where model id, messages, tools, parameters and the answer's schema are, and whether it is streamed.
 *
 * An answer is kept when it is finished, unless it was cut off, filtered or refused, or the call refuses it because it does
 * not fit the `responseModel`. An answer from the cache has `response.cached` and costs nothing. Equal requests that are under
 * way at the same time are sent each. A store that fails, or holds what is no answer, costs a `warning` and a request, and
 * never the call.
 *
 * @throws ConfigurationError at once where an option is out of range.
 */
export function cache(options: CacheOptions = {}): Middleware {
  const { store, ttlMs, maxEntries } = own(options);
  checkCounts({ maxEntries });
  checkMilliseconds({ ttlMs });
  if (store && maxEntries !== undefined)
    throw new ConfigurationError("maxEntries is for the cache's own store; yours decides for itself. Leave it out.");
  const kept = store ?? memoryStore(maxEntries ?? 1000);

  return boundedMiddleware((model) => ({
    id: model.id,
    async *run(request) {
      const key = await cacheKey(model, request);
      const found = await lookUp(kept, key, request);
      if (found && !("problem" in found) && (await isAccepted(model, found, request))) {
        for (const event of found) yield event.type === "finish" ? { ...event, cached: true } : event;
        return;
      }
      if (found && "problem" in found) yield { type: "warning", code: "cache_ignored", message: found.problem };
      let events: ModelEvent[] = [];
      for await (const event of model.run(request)) {
        // What came before a restart is void.
        if (event.type === "restart") events = [];
        else if (event.type !== "warning" || event.code !== slotWarning) events.push(storable(event));
        if (event.type === "finish" && (await isAccepted(model, events, request))) keep(kept, key, events, ttlMs);
        yield event;
      }
    },
  }));
}

/** Whether an answer is whole, and one that the call takes; another would be the same mistake at every call. */
async function isAccepted(model: Model, events: readonly ModelEvent[], { context }: ModelRequest): Promise<boolean> {
  const answer = new Answer(model.id);
  for (const event of events) answer.add(event);
  return whyIncomplete(answer) === undefined && (await context?.whyRefused?.(answer.checked)) === undefined;
}

/** A store that takes longer is slower than what it saves. */
const slowestReadMs = 2000;

type Found = readonly ModelEvent[] | { readonly problem: string } | undefined;

/** @throws AbortedError and TimeoutError of the total, also while the store does not answer. */
async function lookUp(store: CacheStore, key: string, request: ModelRequest): Promise<Found> {
  const attempt = new Attempt({ ...request, stream: false });
  let cancel: (() => void) | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    cancel = after(slowestReadMs, () => reject(new Error(`no answer within ${slowestReadMs} ms`)));
  });
  try {
    const entry = await attempt.race(Promise.race([store.get(key), tooSlow]));
    // A store may well say null.
    if (entry === undefined || entry === null || isCacheEntry(entry)) return entry ?? undefined;
    return { problem: "The cache held what is no answer; the model was asked anew." };
  } catch (error) {
    if (attempt.failure !== undefined) throw attempt.failure;
    return { problem: `The cache could not be read (${messageOf(error)}); the model was asked.` };
  } finally {
    cancel?.();
    attempt.close();
  }
}

/** In the background: nobody waits for a store, and one that fails is noticed when it is read. */
function keep(store: CacheStore, key: string, events: readonly ModelEvent[], ttlMs: number | undefined): void {
  void (async () => store.set(key, events, ttlMs))().catch(() => {});
}

/** Cookies are for one connection, and may name the one who asked; and what comes from a cache has waited for none. */
function storable(event: ModelEvent): ModelEvent {
  if (event.type !== "open") return event;
  const { queuedMs: _, ...opened } = event;
  const { "set-cookie": __, ...headers } = event.headers;
  return { ...opened, headers };
}
