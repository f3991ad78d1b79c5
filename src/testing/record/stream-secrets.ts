import { isPlainObject } from "../../json.js";
import { holdsSecret } from "../../redact.js";
import { type FindSecrets, responseMask } from "./masks.js";

/** A place in JSON data that holds a string. */
interface Leaf {
  readonly holder: Record<string | number, unknown>;
  readonly name: string | number;
  readonly text: string;
  /** The names on the way to it, those in lists without their numbers. */
  readonly path: string;
  /** The same, with them. */
  readonly place: string;
  /** The last name on the way. */
  readonly member: string;
  /** Which of several things that are streamed at the same time it belongs to: a choice, a tool call, an item. */
  readonly owner: string;
  /** The same by ids, for servers that do not number. */
  readonly ids: string;
  readonly cuts: { readonly from: number; readonly to: number; readonly shown: string }[];
}

/**
 * Takes secrets out of all strings of a response: in each, and in what the pieces of a stream say together, since no
 * piece of a secret looks like one.
 *
 * @param events The values of a stream's events in their order, or the one value of a body; they are changed.
 */
export function removeSecrets(events: readonly { data: unknown }[], find: FindSecrets): void {
  const leaves: Leaf[] = [];
  for (const event of events) collectLeaves(event, leaves);
  const findOnce = remembering(find);
  for (const leaf of leaves) {
    if (holdsSecret(leaf.member) && leaf.text !== "") cut(leaf, 0, leaf.text.length, responseMask);
    for (const { from, to } of findOnce(leaf.text)) cut(leaf, from, to, responseMask);
  }
  const pieces = withoutConstants(leaves);
  for (const keyOf of ownTracks) for (const track of tracks(pieces, keyOf)) cutTrack(track, find, true);
  // Servers number things wrongly, or not at all: only what is known to be a secret is looked for there.
  for (const keyOf of sharedTracks) for (const track of tracks(pieces, keyOf)) cutTrack(track, find, false);
  for (const leaf of leaves) write(leaf);
  for (const event of events) event.data = withoutSecretNames(event.data, findOnce);
}

/** What is the same in each event, such as the name of the model, is not a text in pieces. */
function withoutConstants(leaves: readonly Leaf[]): Leaf[] {
  const texts = new Map<string, { text: string; count: number; isConstant: boolean }>();
  for (const { path, text } of leaves) {
    const seen = texts.get(path) ?? { text, count: 0, isConstant: true };
    texts.set(path, { text, count: seen.count + 1, isConstant: seen.isConstant && seen.text === text });
  }
  return leaves.filter(({ path }) => {
    const { count = 0, isConstant = false } = texts.get(path) ?? {};
    return count === 1 || !isConstant;
  });
}

/** Names, ids and types are the same in thousands of events. */
function remembering(find: FindSecrets): FindSecrets {
  const known = new Map<string, ReturnType<FindSecrets>>();
  return (text) => {
    const found = known.get(text) ?? find(text);
    if (text.length < 100 && known.size < 1000) known.set(text, found);
    return found;
  };
}

/** What the pieces of one text have in common, in the different ways of the providers. */
const ownTracks: readonly ((leaf: Leaf) => string)[] = [
  ({ path, owner }) => `${path} ${owner}`,
  ({ place, owner }) => `${place} ${owner}`,
  ({ member, owner }) => `${member} ${owner}`,
  ({ path, ids }) => `${path} ${ids}`,
];

const sharedTracks: readonly ((leaf: Leaf) => string)[] = [
  ({ path }) => path,
  ({ place }) => place,
  ({ member }) => member,
];

function tracks(leaves: readonly Leaf[], keyOf: (leaf: Leaf) => string): Leaf[][] {
  const byKey = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const key = keyOf(leaf);
    const track = byKey.get(key);
    if (track) track.push(leaf);
    else byKey.set(key, [leaf]);
  }
  return [...byKey.values()].filter((track) => track.length > 1);
}

function cutTrack(track: readonly Leaf[], find: FindSecrets, byForm: boolean): void {
  const found = find(track.map(({ text }) => text).join(""));
  let [at, start] = [0, 0];
  for (const { from, to, secret } of found) {
    if (!byForm && secret === undefined) continue;
    while (start + (track[at]?.text.length ?? to) <= from) start += track[at++]?.text.length ?? 0;
    // What is within one piece was found there.
    if (to <= start + (track[at]?.text.length ?? 0)) continue;
    let shown = responseMask;
    for (let [index, begin] = [at, start]; begin < to && index < track.length; index++) {
      const leaf = track[index] as Leaf;
      if (leaf.text !== "") {
        cut(leaf, Math.max(0, from - begin), Math.min(leaf.text.length, to - begin), shown);
        shown = "";
      }
      begin += leaf.text.length;
    }
  }
}

function cut(leaf: Leaf, from: number, to: number, shown: string): void {
  leaf.cuts.push({ from, to, shown });
}

function write({ holder, name, text, cuts }: Leaf): void {
  if (cuts.length === 0) return;
  const apart: { from: number; to: number; shown: string }[] = [];
  for (const each of [...cuts].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = apart.at(-1);
    if (!last || last.to <= each.from) apart.push({ ...each });
    else Object.assign(last, { to: Math.max(last.to, each.to), shown: last.shown || each.shown });
  }
  holder[name] = apart.reduceRight((rest, { from, to, shown }) => rest.slice(0, from) + shown + rest.slice(to), text);
  // Log probabilities have the same text in bytes.
  if (Array.isArray(holder.bytes)) holder.bytes = null;
}

function collectLeaves(event: { data: unknown }, leaves: Leaf[]): void {
  type Above = Pick<Leaf, "path" | "place" | "member" | "owner" | "ids">;
  const walk = (holder: Leaf["holder"], name: string | number, above: Above): void => {
    const value = holder[name];
    const isText = typeof value === "string";
    if (!isText && (typeof value !== "object" || value === null)) return;
    const isItem = typeof name === "number";
    const path = isItem ? above.path : `${above.path}.${name}`;
    const place = `${above.place}.${name}`;
    const member = isItem ? above.member : name;
    let { owner, ids } = above;
    if (isText) leaves.push({ holder, name, text: value, path, place, member, owner, ids, cuts: [] });
    else if (Array.isArray(value)) {
      const here = { path, place, member, owner, ids };
      for (let index = 0; index < value.length; index++) walk(value as unknown as Leaf["holder"], index, here);
    } else {
      for (const [key, each] of Object.entries(value)) {
        if (typeof each === "number" && /index$/i.test(key)) owner += ` ${key}=${each}`;
        if (typeof each === "string" && /(^|_)id$/i.test(key)) ids += ` ${key}=${each}`;
      }
      const here = { path, place, member, owner, ids };
      for (const key of Object.keys(value)) walk(value as Leaf["holder"], key, here);
    }
  };
  walk(event, "data", { path: "", place: "", member: "", owner: "", ids: "" });
}

/** The same data, in which no member is named by a secret. */
function withoutSecretNames(data: unknown, find: FindSecrets): unknown {
  if (Array.isArray(data)) return data.map((each) => withoutSecretNames(each, find));
  if (!isPlainObject(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [maskIn(name, find), withoutSecretNames(value, find)]),
  );
}

/** A text that stands by itself, with its secrets masked. */
export function maskIn(text: string, find: FindSecrets): string {
  return find(text).reduceRight((rest, { from, to }) => rest.slice(0, from) + responseMask + rest.slice(to), text);
}
