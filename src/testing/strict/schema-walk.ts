import { isObject, type Json, listOf } from "./problem.js";

/** One schema inside another. */
export interface PlacedSchema {
  readonly schema: Json;
  /** What leads to it; undefined for the root. */
  readonly steps: Steps | undefined;
  /** How many objects stand around it, itself included if it is one. */
  readonly depth: number;
  /** Whether it stands in a definition, which a reference leads to. */
  readonly isDefinition: boolean;
}

/** A path from its end, so that schemas of any depth are walked in linear time. */
export interface Steps {
  readonly last: string;
  readonly before: Steps | undefined;
}

export function pathOf(steps: Steps | undefined): readonly string[] {
  const path: string[] = [];
  for (let at = steps; at; at = at.before) path.unshift(at.last);
  return path;
}

/** A schema and all schemas in it, in the order of the text. References are not followed, their definitions are visited once. */
export function* schemasIn(root: unknown): Generator<PlacedSchema> {
  const open: (Omit<PlacedSchema, "schema"> & { readonly schema: unknown })[] = [
    { schema: root, steps: undefined, depth: 0, isDefinition: false },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { schema, steps, isDefinition } = next;
    if (!isObject(schema)) continue;
    const depth = next.depth + (isOfType(schema, "object") ? 1 : 0);
    yield { schema, steps, depth, isDefinition };
    const inner = [...namedIn(schema), ...plainIn(schema)].map(([keyword, name, each]) => {
      const at = { last: keyword, before: steps };
      const defined = keyword === "$defs" || keyword === "definitions";
      return {
        schema: each,
        steps: name === undefined ? at : { last: name, before: at },
        // What a reference adds to the depth is not known here.
        depth: defined ? 0 : depth,
        isDefinition: isDefinition || defined,
      };
    });
    open.push(...inner.reverse());
  }
}

type Inner = readonly [keyword: string, name: string | undefined, schema: unknown];

function namedIn(schema: Json): readonly Inner[] {
  return ["properties", "$defs", "definitions"].flatMap((keyword) =>
    isObject(schema[keyword])
      ? Object.entries(schema[keyword]).map(([name, each]) => [keyword, name, each] as const)
      : [],
  );
}

function plainIn(schema: Json): readonly Inner[] {
  const single = ["items", "additionalProperties", "not"].map(
    (keyword) => [keyword, undefined, schema[keyword]] as const,
  );
  const lists = ["anyOf", "oneOf", "allOf", "prefixItems"].flatMap((keyword) =>
    listOf(schema[keyword]).map((each, index) => [keyword, String(index), each] as const),
  );
  return [...single, ...lists];
}

export function isOfType({ type }: Json, name: string): boolean {
  return type === name || (Array.isArray(type) && type.includes(name));
}

/** Whether a schema reaches itself through its references. Without recursion, since a chain of references may be very long. */
export function isRecursive(root: Json): boolean {
  const done = new Set<Json>();
  const around = new Set<Json>([root]);
  const path = [{ schema: root, targets: targetsIn(root, root) }];
  for (let last = path.at(-1); last; last = path.at(-1)) {
    const target = last.targets.pop();
    if (target === undefined) {
      path.pop();
      around.delete(last.schema);
      done.add(last.schema);
    } else if (around.has(target)) return true;
    else if (!done.has(target)) {
      around.add(target);
      path.push({ schema: target, targets: targetsIn(target, root) });
    }
  }
  return false;
}

/** What the references in a schema lead to; those in its definitions count when something leads there. */
function targetsIn(schema: Json, root: Json): Json[] {
  const targets: Json[] = [];
  for (const { schema: inner, isDefinition } of schemasIn(schema)) {
    const target = !isDefinition && typeof inner.$ref === "string" ? targetOf(root, inner.$ref) : undefined;
    if (target) targets.push(target);
  }
  return targets;
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
