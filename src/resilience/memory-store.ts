import type { ModelEvent } from "../model.js";
import { now } from "../wait.js";

/** Where a cache keeps answers. A store may lose what it was given, and may answer from another process. */
export interface CacheStore {
  /** The events of an answer; undefined where there are none, or they are too old. */
  get(key: string): Promise<readonly ModelEvent[] | undefined>;
  /** @param ttlMs For how many milliseconds; without it, for as long as the store will. */
  set(key: string, events: readonly ModelEvent[], ttlMs?: number): Promise<void>;
}

interface Entry {
  readonly events: readonly ModelEvent[];
  readonly until: number;
}

/** A store in this process, which drops what was not asked for the longest. */
export function memoryStore(maxEntries: number): CacheStore {
  const entries = new Map<string, Entry>();

  return {
    async get(key) {
      const entry = entries.get(key);
      // Last in the map is last to be dropped.
      entries.delete(key);
      if (!entry || entry.until <= now()) return undefined;
      entries.set(key, entry);
      return structuredClone(entry.events);
    },
    async set(key, events, ttlMs = Number.POSITIVE_INFINITY) {
      entries.delete(key);
      entries.set(key, { events: structuredClone(events), until: now() + ttlMs });
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
  };
}
