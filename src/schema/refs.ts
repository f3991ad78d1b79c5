import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";
import { forEachSubschema, mapSubschemas } from "./walk.js";

/** Definitions by name, in the order in which they were met. */
export type Defs = Map<string, JsonSchema>;

/**
 * What a reference such as `#/$defs/Node` names inside `root`.
 *
 * @throws ConfigurationError where it leads nowhere, or outside.
 */
export function resolveRef(root: JsonSchema, ref: string): JsonSchema {
  let place: unknown = ref === "#" || ref.startsWith("#/") ? root : undefined;
  const steps = ref.split("/");
  for (let index = 1; index < steps.length && place !== undefined; index++) {
    const key = decoded(steps[index] as string);
    place =
      typeof place === "object" && place !== null && Object.hasOwn(place, key)
        ? (place as Record<string, unknown>)[key]
        : undefined;
  }
  if (isPlainObject(place)) return place;
  throw new ConfigurationError(
    `A JSON schema refers to ${JSON.stringify(ref.slice(0, 200))}, which is not in it. Put what it needs into its $defs.`,
  );
}

/** One step of a JSON pointer in a URI. Nearly all are plain names. */
function decoded(step: string): string {
  if (!/[%~]/.test(step)) return step;
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return step;
  }
}

/**
 * A copy without definitions, whose references all read `#/$defs/…`; what they name is added to `defs`.
 * A reference to the whole (`#`) stays as it is, unless `self` names the schema, which is then about to become a part of another.
 */
export function hoistRefs(schema: JsonSchema, defs: Defs, self?: string): JsonSchema {
  const names = new Map<string, string>();
  // A queue, since a chain of references may be longer than the stack is deep.
  const open: string[] = [];
  const freeName = nameMaker(defs);
  const nameOf = (ref: string): string => {
    const known = names.get(ref);
    if (known !== undefined) return known;
    const name = freeName(ref === "#" ? (self ?? "") : (ref.split("/").at(-1) ?? ""));
    names.set(ref, name);
    // Holds the name until the definition is rewritten, which may refer to itself.
    defs.set(name, {});
    open.push(ref);
    return name;
  };
  const rewrite = ({ $defs: _, definitions: __, ...rest }: JsonSchema): JsonSchema => {
    const copy = mapSubschemas(rest, rewrite);
    const { $ref } = rest;
    if (typeof $ref !== "string" || ($ref === "#" && self === undefined)) return copy;
    return { ...copy, $ref: `#/$defs/${nameOf($ref)}` };
  };
  const rewritten = rewrite(schema);
  for (const ref of open) defs.set(nameOf(ref), rewrite(resolveRef(schema, ref)));
  return rewritten;
}

/** Gives each definition a name that is not taken; the counts make many of one name as cheap as one. */
function nameMaker(defs: Defs): (wanted: string) => string {
  const counts = new Map<string, number>();
  return (wanted) => {
    const base = wanted.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^\d*$/, "schema$&");
    for (let count = (counts.get(base) ?? 0) + 1; ; count++) {
      const name = count === 1 ? base : `${base}_${count}`;
      if (defs.has(name)) continue;
      counts.set(base, count);
      return name;
    }
  };
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

/** Whether a schema whose references were hoisted contains itself, or a definition that does. */
export function isRecursive(root: JsonSchema, defs: Defs): boolean {
  const { $defs: _, ...whole } = root;
  const uses = new Map([["#", refsIn(whole)]]);
  for (const [name, definition] of defs) uses.set(`#/$defs/${name}`, refsIn(definition));
  // Takes away what refers to nothing that is left; what remains refers to itself.
  const usedBy = new Map<string, string[]>();
  const left = new Map<string, number>();
  for (const [user, refs] of uses) {
    left.set(user, refs.size);
    for (const ref of refs) {
      const users = usedBy.get(ref);
      if (users) users.push(user);
      else usedBy.set(ref, [user]);
    }
  }
  const free = [...left].filter(([, count]) => count === 0).map(([name]) => name);
  for (const name of free) {
    for (const user of usedBy.get(name) ?? []) {
      const count = (left.get(user) ?? 0) - 1;
      left.set(user, count);
      if (count === 0) free.push(user);
    }
  }
  return free.length < uses.size;
}

/** The references in a schema, each once. */
export function refsIn(schema: JsonSchema): Set<string> {
  const refs = new Set<string>();
  const open = [schema];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.$ref === "string") refs.add(next.$ref);
    forEachSubschema(next, (inner) => void open.push(inner));
  }
  return refs;
}
