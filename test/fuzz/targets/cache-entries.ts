import { cache, call, type ModelEvent, retry } from "callwright";
import { accessOf, look, references, responseOf } from "../asking.js";
import { mutateJson, strange } from "../mutate.js";
import { checkError, checkResponse, must } from "../oracle.js";
import { eventText, jsonOf, latin1, streams, type WireName, wholes, wireNames } from "../seeds.js";
import type { Target } from "../target.js";

interface EntryInput {
  readonly entry: unknown;
  readonly wire: WireName;
  readonly stream: boolean;
}

/** The entry of the moment, and what the cache keeps. */
let entry: unknown;
let kept: readonly ModelEvent[] = [];
const store = {
  get: async () => entry as readonly ModelEvent[] | undefined,
  set: async (_: string, events: readonly ModelEvent[]) => {
    kept = events;
  },
};

const asks = new Map(
  wireNames.flatMap((wire) =>
    [false, true].map((stream) => {
      const body = stream ? eventText(streams[wire].at(-1) ?? []) : latin1(jsonOf(wholes[wire][1]));
      const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
      const fetch = async () => responseOf({ status: 200, headers, body, cuts: [] });
      const options = { ...accessOf(wire, fetch), use: [retry({ retries: 0 }), cache({ store })], tools: [look] };
      const ask = call(references[wire], { ...options, ...(stream && { stream }) } as object)(() => "Hi");
      return [`${wire} ${stream}`, ask as unknown as () => Promise<any>];
    }),
  ),
);

/** Entries as the cache keeps them, by wire and mode. */
const seeds = new Map<string, unknown>();

export const cacheEntries: Target<EntryInput> = {
  name: "cache-entries",
  weight: 3,

  async open() {
    for (const [key, ask] of asks) {
      entry = undefined;
      await read(await ask());
      seeds.set(key, JSON.parse(JSON.stringify(kept)));
    }
  },

  make(random) {
    const [wire, stream] = [random.pick(wireNames), random.chance(0.5)];
    const good = seeds.get(`${wire} ${stream}`);
    return { entry: random.chance(0.95) ? mutateJson(good, random) : strange(random), wire, stream };
  },

  async run(input) {
    entry = structuredClone(input.entry);
    try {
      const response = await read(await asks.get(`${input.wire} ${input.stream}`)?.());
      checkResponse(response);
      const isAsked = response.warnings.some(({ code }: any) => code === "cache_ignored");
      return isAsked ? "asked" : "from the cache";
    } catch (error) {
      return checkError(error);
    }
  },
};

async function read(made: any): Promise<any> {
  if (!(Symbol.asyncIterator in made)) return made;
  let count = 0;
  for await (const _ of made) must(++count < 5000, "more chunks than events");
  return made.response();
}
