import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, retry } from "callwright";
import { record } from "callwright/testing";
import { look, references, responseOf } from "../asking.js";
import { mutateJson, mutateText, secret, strange } from "../mutate.js";
import { checkError, checkResponse } from "../oracle.js";
import { eventText, jsonOf, latin1, streams, type WireName, wholes, wireNames } from "../seeds.js";
import type { Target } from "../target.js";

interface CassetteInput {
  readonly wire: WireName;
  readonly stream: boolean;
  /** Bytes, each as one character. */
  readonly file: string;
}

let folder = "";
const seeds = new Map<string, string>();

function asking(wire: WireName, stream: boolean, access: object): () => Promise<any> {
  const options = {
    apiKey: secret,
    ...access,
    ...(wire === "responses" && { api: "responses" }),
    ...(stream && { stream }),
  };
  const use = [retry({ retries: 0 })];
  return call(references[wire], { ...options, use, tools: [look] } as object)(() => "Hi") as never;
}

export const cassettes: Target<CassetteInput> = {
  name: "cassettes",
  // Each input is a file.
  weight: 0.2,

  async open() {
    folder = mkdtempSync(join(tmpdir(), "callwright-fuzz-"));
    for (const wire of wireNames)
      for (const stream of [false, true]) {
        const body = stream ? eventText(streams[wire].at(-1) ?? []) : latin1(jsonOf(wholes[wire][1]));
        const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
        const fetch = (async () => responseOf({ status: 200, headers, body, cuts: [] })) as typeof globalThis.fetch;
        const cassette = record(`${wire}-${stream}`, { folder, mode: "update", fetch });
        const made = await asking(wire, stream, cassette.access)();
        if (stream) await made.response();
        await cassette.close();
        seeds.set(`${wire} ${stream}`, readFileSync(cassette.path, "utf8"));
      }
  },

  make(random) {
    const [wire, stream] = [random.pick(wireNames), random.chance(0.5)];
    const text = seeds.get(`${wire} ${stream}`) as string;
    if (random.chance(0.15))
      return { wire, stream, file: mutateText(latin1(text), random).replace(/[^\x00-\xff]/g, "?") };
    const cassette = JSON.parse(text);
    // Mostly what is played, since a request that is another is not found.
    if (random.chance(0.7)) cassette.exchanges[0].response = mutateJson(cassette.exchanges[0].response, random);
    const value = random.chance(0.3) ? mutateJson(cassette, random) : cassette;
    return { wire, stream, file: latin1(jsonOf(random.chance(0.02) ? strange(random) : value)) };
  },

  async run({ wire, stream, file }) {
    writeFileSync(join(folder, "played.json"), Buffer.from(file, "latin1"));
    try {
      await using cassette = record("played", { folder, mode: "replay" });
      const made = await asking(wire, stream, cassette.access)();
      const response = stream ? await made.response() : made;
      checkResponse(response);
      return response.finishReason;
    } catch (error) {
      return checkError(error, true);
    }
  },

  async close() {
    rmSync(folder, { recursive: true, force: true });
  },
};
