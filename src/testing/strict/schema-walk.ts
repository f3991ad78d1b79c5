import { isObject, type Json, listOf } from "./problem.js";

/** One schema inside another, with the steps that lead to it. */
export interface PlacedSchema {
  readonly schema: Json;
  readonly path: readonly string[];
  /** How many objects stand around it, itself included if it is one. */
  readonly depth: number;
}

/** A schema and all schemas in it, in the order of the text. References are not followed, their definitions are visited once. */
export function* schemasIn(schema: unknown, path: readonly string[] = [], around = 0): Generator<PlacedSchema> {
  if (!isObject(schema)) return;
  const depth = around + (isOfType(schema, "object") ? 1 : 0);
  yield { schema, path, depth };
  for (const keyword of ["properties", "$defs", "definitions"]) {
    if (!isObject(schema[keyword])) continue;
    // What a reference adds to the depth is not known here.
    const inner = keyword === "properties" ? depth : 0;
    for (const [name, each] of Object.entries(schema[keyword])) yield* schemasIn(each, [...path, keyword, name], inner);
  }
  for (const keyword of ["items", "additionalProperties", "not"])
    yield* schemasIn(schema[keyword], [...path, keyword], depth);
  for (const keyword of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
    for (const [index, each] of listOf(schema[keyword]).entries())
      yield* schemasIn(each, [...path, keyword, String(index)], depth);
  }
}

export function isOfType({ type }: Json, name: string): boolean {
  return type === name || (Array.isArray(type) && type.includes(name));
}

/** Whether a schema reaches itself through its references. */
export function isRecursive(root: Json): boolean {
  const done = new Set<Json>();
  const isOnCycle = (schema: Json, open: ReadonlySet<Json>): boolean => {
    if (open.has(schema)) return true;
    if (done.has(schema)) return false;
    const around = new Set([...open, schema]);
    for (const { schema: inner } of withoutDefinitions(schema)) {
      const target = typeof inner.$ref === "string" ? targetOf(root, inner.$ref) : undefined;
      if (target && isOnCycle(target, around)) return true;
    }
    done.add(schema);
    return false;
  };
  return isOnCycle(root, new Set());
}

function* withoutDefinitions(schema: Json): Generator<PlacedSchema> {
  for (const placed of schemasIn(schema))
    if (!placed.path.includes("$defs") && !placed.path.includes("definitions")) yield placed;
}

function targetOf(root: Json, ref: string): Json | undefined {
  if (ref === "#") return root;
  let target: unknown = root;
  for (const step of ref.replace(/^#\//, "").split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    target = isObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return isObject(target) ? target : undefined;
}
