import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";
import { mapSubschemas } from "./walk.js";

/** Definitions by name, in the order in which they were met. */
export type Defs = Map<string, JsonSchema>;

/**
 * What a reference such as `#/$defs/Node` names inside `root`.
 *
 * @throws ConfigurationError where it leads nowhere, or outside.
 */
export function resolveRef(root: JsonSchema, ref: string): JsonSchema {
  let place: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    place =
      typeof place === "object" && place !== null && Object.hasOwn(place, key) ? Reflect.get(place, key) : undefined;
  }
  if (!/^#(\/|$)/.test(ref) || !isPlainObject(place)) {
    throw new ConfigurationError(
      `A JSON schema refers to ${JSON.stringify(ref)}, which is not in it. Put what it needs into its $defs.`,
    );
  }
  return place;
}

/**
 * A copy without definitions, whose references all read `#/$defs/…`; what they name is added to `defs`.
 * A reference to the whole (`#`) stays as it is, unless `self` names the schema, which is then about to become a part of another.
 */
export function hoistRefs(schema: JsonSchema, defs: Defs, self?: string): JsonSchema {
  const names = new Map<string, string>();
  const nameOf = (ref: string): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const name = freeName(ref === "#" ? (self ?? "") : (ref.split("/").at(-1) ?? ""), defs);
    names.set(ref, name);
    // Holds the name while the definition is rewritten, which may refer to itself.
    defs.set(name, {});
    defs.set(name, rewrite(resolveRef(schema, ref)));
    return name;
  };
  const rewrite = ({ $defs: _, definitions: __, ...rest }: JsonSchema): JsonSchema => {
    const copy = mapSubschemas(rest, rewrite);
    const { $ref } = rest;
    if (typeof $ref !== "string" || ($ref === "#" && self === undefined)) return copy;
    return { ...copy, $ref: `#/$defs/${nameOf($ref)}` };
  };
  return rewrite(schema);
}

function freeName(wanted: string, defs: Defs): string {
  const base = wanted.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^\d*$/, "schema$&");
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base}_${count}`;
    if (!defs.has(name)) return name;
  }
}

/** Puts definitions back under the schema that refers to them. */
export function withDefs(schema: JsonSchema, defs: Defs): JsonSchema {
  return defs.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(defs) };
}

/** Providers want to see an object at the root, not a reference to one. */
export function inlineRoot(schema: JsonSchema): JsonSchema {
  let root = schema;
  for (const passed = new Set<unknown>(); typeof root.$ref === "string" && !passed.has(root.$ref); ) {
    passed.add(root.$ref);
    const { $ref, ...rest } = root;
    root = { ...resolveRef(schema, $ref as string), ...rest };
  }
  return root;
}

/** Whether a schema, by its references, contains itself or a definition that does. */
export function isRecursive(root: JsonSchema): boolean {
  const open = new Set<string>(["#"]);
  const done = new Set<string>();
  let found = false;
  const visit = (schema: JsonSchema): JsonSchema => {
    const { $ref } = schema;
    if (typeof $ref === "string" && !done.has($ref)) {
      if (open.has($ref)) found = true;
      else {
        open.add($ref);
        visit(resolveRef(root, $ref));
        open.delete($ref);
        done.add($ref);
      }
    }
    return mapSubschemas(schema, visit);
  };
  visit(root);
  return found;
}
