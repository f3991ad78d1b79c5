import { BoundedMap } from "../bounded-map.js";
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
  const entries = new BoundedMap<string, Entry>(maxEntries);

  return {
    async get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      if (entry.until > now()) return structuredClone(entry.events);
      entries.delete(key);
      return undefined;
    },
    async set(key, events, ttlMs = Number.POSITIVE_INFINITY) {
      entries.set(key, { events: structuredClone(events), until: now() + ttlMs });
    },
  };
}
