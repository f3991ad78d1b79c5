import { ConfigurationError } from "../../errors.js";
import type { JsonSchema } from "../../schema/standard.js";
import { textFor } from "./pattern.js";
import { pick, type Random, wholeBetween } from "./random.js";

const words = "amber birch cedar delta ember flint grove haven iris jade".split(" ");

/**
 * A text that fits a schema's format, patterns and length.
 *
 * @throws ConfigurationError where none is found.
 */
export function exampleText(schema: JsonSchema, random: Random, more: readonly string[] = []): string {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema as TextSchema;
  const patterns = [...new Set([...(pattern === undefined ? [] : [pattern]), ...more])];
  const matchers = patterns.map(regExpOf);
  const fits = (text: string) => {
    const { length } = [...text];
    return length >= minLength && length <= maxLength && matchers.every((matcher) => matcher.test(text));
  };

  const known = (format === undefined ? undefined : formats[format]?.(random)) ?? [];
  const found = [...known, ...(known.length > 0 ? [] : [sentence(random, minLength, maxLength)])].find(fits);
  if (found !== undefined) return found;
  for (let tries = 0; patterns.length > 0 && tries < 200; tries++) {
    const texts = patterns.map((each) => textFor(each, random));
    const text = [...texts, texts.join("")].flatMap((each) => lengthened(each, minLength)).find(fits);
    if (text !== undefined) return text;
  }
  const what = patterns.length > 0 ? `the pattern ${patterns.join(" and ")}` : `the format ${JSON.stringify(format)}`;
  throw new ConfigurationError(`testModel() finds no text for ${what} and its length. Give one in args or output.`);
}

/** A pattern without anchors leaves room around it. */
function lengthened(text: string, minLength: number): string[] {
  return [text, text.padEnd(minLength, "a"), text.padEnd(minLength, " a"), text.padStart(minLength, "a")];
}

interface TextSchema {
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

function regExpOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

function sentence(random: Random, minLength: number, maxLength: number): string {
  let text = pick(random, words);
  while (text.length < minLength) text += ` ${pick(random, words)}`;
  return text.slice(0, maxLength).replace(/ $/, "x");
}

/** What each format can look like; the first that a pattern beside it allows is taken. */
const formats: Readonly<Record<string, (random: Random) => readonly string[]>> = {
  "date-time": (random) => [`${dateOf(random)}T${timeOf(random)}Z`, `${dateOf(random)}T${timeOf(random)}`],
  date: (random) => [dateOf(random)],
  time: (random) => [`${timeOf(random)}Z`, timeOf(random)],
  duration: (random) => [`P${wholeBetween(random, 1, 9)}D`],
  email: (random) => [`${pick(random, words)}@example.com`],
  "idn-email": (random) => [`${pick(random, words)}@example.com`],
  "idn-hostname": (random) => [`${pick(random, words)}.example.com`],
  iri: (random) => [`https://example.com/${pick(random, words)}`],
  "iri-reference": (random) => [`/${pick(random, words)}`],
  "uri-reference": (random) => [`/${pick(random, words)}`],
  "uri-template": (random) => [`/${pick(random, words)}/{id}`],
  "json-pointer": (random) => [`/${pick(random, words)}/0`, "/0", ""],
  "relative-json-pointer": (random) => [`1/${pick(random, words)}`, "0"],
  "json-pointer-uri-fragment": (random) => [`#/${pick(random, words)}`, "#"],
  regex: (random) => [`^${pick(random, words)}$`],
  hostname: (random) => [`${pick(random, words)}.example.com`],
  uri: (random) => [`https://example.com/${pick(random, words)}`],
  url: (random) => [`https://example.com/${pick(random, words)}`],
  uuid: (random) => [uuidOf(random)],
  guid: (random) => [uuidOf(random)],
  ipv4: (random) => [`192.0.2.${wholeBetween(random, 1, 254)}`],
  ipv6: (random) => [`2001:db8::${wholeBetween(random, 1, 9)}`],
  // Its header is {"alg":"HS256","typ":"JWT"}; it signs nothing.
  jwt: () => ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.bm90aGluZw"],
  "json-string": () => ["{}"],
};

function dateOf(random: Random): string {
  return `20${two(random, 10, 29)}-${two(random, 1, 12)}-${two(random, 1, 28)}`;
}

function timeOf(random: Random): string {
  return `${two(random, 0, 23)}:${two(random, 0, 59)}:${two(random, 0, 59)}`;
}

function two(random: Random, least: number, most: number): string {
  return String(wholeBetween(random, least, most)).padStart(2, "0");
}

function uuidOf(random: Random): string {
  const hex = (length: number) => Array.from({ length }, () => wholeBetween(random, 0, 15).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
