import { madePart } from "../brand.js";
import { audio, document, image, isMadePart, isPart, type Part } from "../content.js";
import { isBytes, isUrl } from "../realm.js";
import type { Body } from "./body.js";
import { asText, nameOf } from "./values.js";
import { elementOf, fail, guarded, type Where } from "./where.js";

export type HoleOptions = Readonly<Record<string, string>>;

/** What follows the colon in a hole: how its value is rendered. */
export interface Specifier {
  /** The options in parentheses, each with the values that it takes. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  put(value: unknown, body: Body, where: Where, options: HoleOptions): void;
}

const imageOptions = { detail: ["low", "high", "auto"] };

/** In the plural an absent list is an error; in the singular an absent value is left out. */
export const specifiers: ReadonlyMap<string, Specifier> = new Map<string, Specifier>([
  ["list", { options: {}, put: (value, body, where) => body.value(lines(value, where)) }],
  ["lists", { options: {}, put: (value, body, where) => body.value(blocks(value, where)) }],
  ["text", one({}, textPart)],
  ["texts", many({}, textPart)],
  ["image", one(imageOptions, imagePart)],
  ["images", many(imageOptions, imagePart)],
  ["audio", one({}, audioPart)],
  ["document", one({}, documentPart)],
]);

type MakePart = (value: unknown, where: Where, options: HoleOptions) => Part;

function one(options: Specifier["options"], make: MakePart): Specifier {
  return {
    options,
    put(value, body, where, chosen) {
      if (value !== null && value !== undefined) body.part(make(value, where, chosen));
    },
  };
}

function many(options: Specifier["options"], make: MakePart): Specifier {
  return {
    options,
    put(value, body, where, chosen) {
      for (const [index, element] of listOf(value, where).entries()) {
        const at = elementOf(where, index);
        body.part(guarded(at, () => make(element, at, chosen)));
      }
    },
  };
}

function listOf(value: unknown, where: Where): readonly unknown[] {
  return Array.isArray(value) ? value : fail(where, `must be a list, not ${nameOf(value)}.`);
}

function lines(value: unknown, where: Where): string {
  const rendered: string[] = [];
  for (const [index, element] of listOf(value, where).entries()) {
    if (element !== null && element !== undefined) rendered.push(asText(element, elementOf(where, index)));
  }
  return rendered.join("\n");
}

function blocks(value: unknown, where: Where): string {
  return listOf(value, where)
    .map((block, index) => lines(block, elementOf(where, index)))
    .filter((block) => block !== "")
    .join("\n\n");
}

function textPart(value: unknown, where: Where): Part {
  return isMadePart(value) && value.type === "text" ? value : { type: "text", text: asText(value, where) };
}

// A part with bytes or a link cannot come from JSON, and the template says what it is; so here one made by hand will do.
function imagePart(value: unknown, where: Where, { detail }: HoleOptions): Part {
  const options = detail === undefined ? {} : { detail: detail as "low" | "high" | "auto" };
  if (isPart(value) && value.type === "image") return madePart.put({ ...value, ...options });
  if (isSource(value)) return image(value, options);
  return fail(where, `must be an image: a link, bytes or what image() makes, not ${nameOf(value)}.`);
}

function audioPart(value: unknown, where: Where): Part {
  if (isPart(value) && value.type === "audio") return value;
  if (isBytes(value)) return audio(value);
  return fail(where, `must be a sound: bytes or what audio() makes, not ${nameOf(value)}.`);
}

function documentPart(value: unknown, where: Where): Part {
  if (isPart(value) && value.type === "document") return value;
  if (isSource(value)) return document(value);
  return fail(where, `must be a document: a link, bytes or what document() makes, not ${nameOf(value)}.`);
}

function isSource(value: unknown): value is string | URL | Uint8Array {
  return typeof value === "string" || isUrl(value) || isBytes(value);
}
