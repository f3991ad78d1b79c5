import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { holders } from "./walk.js";

// Providers take far less; beyond these a schema is made by accident, and costs tokens with every call.
const maxDepth = 150;
const maxNodes = 50_000;
const maxEnumValues = 5000;
/** Levels of plain data, such as a default. */
const maxDataDepth = 100;

/** A schema, or data inside one, that is still to be looked at. */
interface Place {
  readonly value: unknown;
  readonly isSchema: boolean;
  /** Levels of schemas, or of data inside the innermost schema. */
  readonly depth: number;
  readonly parent: Place | undefined;
  readonly key: string;
}

/**
 * Checks that a value is a JSON Schema of a size that can be sent, whose references lead somewhere. Nothing is followed, so
 * the time is linear in its text.
 *
 * @throws ConfigurationError that names the place, such as `properties.city.required`.
 */
export function checkSchema(root: unknown): asserts root is JsonSchema {
  const refs = new Map<string, Place>();
  let nodes = 0;
  let enumValues = 0;
  const open: Place[] = [{ value: root, isSchema: true, depth: 1, parent: undefined, key: "" }];
  const add = (value: unknown, isSchema: boolean, parent: Place, key: string) => {
    const depth = isSchema === parent.isSchema ? parent.depth + 1 : 1;
    open.push({ value, isSchema, depth, parent, key });
  };

  for (let place = open.pop(); place; place = open.pop()) {
    const { value, depth } = place;
    if (++nodes > maxNodes)
      throw new ConfigurationError(`A schema has more than ${maxNodes} parts. Ask for less at once.`);
    if (depth > (place.isSchema ? maxDepth : maxDataDepth)) {
      throw new ConfigurationError(
        `A schema is nested more than ${maxDepth} deep, or its data more than ${maxDataDepth}. Make it flatter, and do not let it contain itself.`,
      );
    }
    if (!place.isSchema) {
      for (const [key, inner] of Object.entries(value as object)) addData(inner, place, key);
      continue;
    }
    if (typeof value === "boolean") continue;
    if (!isPlainObject(value)) throw wrong(place, "a schema: a plain object, true or false");
    for (const [keyword, inner] of Object.entries(value)) {
      // Converters write undefined for what they leave out.
      if (inner === undefined) continue;
      const holds = holders.get(keyword);
      const isList = Array.isArray(inner);
      if (holds === "named") {
        if (!isPlainObject(inner)) throw wrong(child(place, keyword, inner), "an object of schemas");
        const names = child(place, keyword, inner);
        for (const [name, schema] of Object.entries(inner)) add(schema, true, names, name);
      } else if (holds === "list" || (holds === "one or list" && isList)) {
        if (!isList) throw wrong(child(place, keyword, inner), "a list of schemas");
        const list = child(place, keyword, inner);
        for (const [index, schema] of inner.entries()) add(schema, true, list, String(index));
      } else if (holds !== undefined) add(inner, true, place, keyword);
      else {
        checkKeyword(place, keyword, inner);
        if (keyword === "$ref" && !refs.has(inner as string)) refs.set(inner as string, place);
        if (keyword === "enum") enumValues += (inner as unknown[]).length;
        if (enumValues > maxEnumValues) {
          throw new ConfigurationError(
            `A schema lists more than ${maxEnumValues} values. Ask for a string, and check it yourself.`,
          );
        }
        addData(inner, place, keyword);
      }
    }
  }
  for (const ref of refs.keys()) resolveRef(root as JsonSchema, ref);

  function addData(value: unknown, parent: Place, key: string): void {
    if (typeof value === "object" && value !== null) add(value, false, parent, key);
    else if (typeof value === "bigint") throw wrong(child(parent, key, value), "a value that JSON has");
  }
}

/** A place that is not counted as a level, for the paths of what it holds. */
function child(parent: Place, key: string, value: unknown): Place {
  return { value, isSchema: true, depth: parent.depth, parent, key };
}

const types = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);
const isText = (value: unknown) => typeof value === "string";

/** What the keywords that are read here must be; the others are only passed on. */
const keywords: ReadonlyMap<string, readonly [isValid: (value: unknown) => boolean, what: string]> = new Map([
  ["type", [isType, `one of ${[...types].join(", ")}, or a list of them`]],
  ["required", [(value) => Array.isArray(value) && value.every(isText), "a list of names"]],
  ["enum", [Array.isArray, "a list of values"]],
  ["$ref", [isText, "a text such as #/$defs/Node"]],
  ["description", [isText, "a text"]],
  ["title", [isText, "a text"]],
  ["pattern", [isText, "a text"]],
  ["format", [isText, "a text"]],
]);

function isType(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((type) => types.has(type));
  return types.has(value as string);
}

function checkKeyword(place: Place, keyword: string, value: unknown): void {
  const [isValid, what] = keywords.get(keyword) ?? [];
  if (isValid && !isValid(value)) throw wrong(child(place, keyword, value), `${what}`);
}

function wrong(place: Place, what: string): ConfigurationError {
  const steps: string[] = [];
  for (let at: Place | undefined = place; at?.parent; at = at.parent) steps.unshift(at.key);
  const path = steps.join(".");
  return new ConfigurationError(
    `A JSON schema cannot be read: ${path ? `${path.slice(0, 500)} must be` : "it must be"} ${what}.`,
  );
}
