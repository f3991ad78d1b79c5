import type { JsonSchema } from "../../schema/standard.js";
import type { Making } from "./making.js";
import { wholeBetween } from "./random.js";

interface ListSchema {
  readonly prefixItems?: readonly unknown[];
  readonly items?: unknown;
  readonly additionalItems?: unknown;
  readonly contains?: unknown;
  readonly minContains?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

/** A list with all that must be in it, and some more. */
export function exampleList(schema: JsonSchema, depth: number, { random, visit, isRoomy }: Making): unknown[] {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY, contains, minContains = 1 } = schema as ListSchema;
  const { prefixItems, additionalItems, uniqueItems } = schema as ListSchema;
  const isTuple = Array.isArray(items);
  const first: readonly unknown[] = prefixItems ?? (isTuple ? items : []);
  const others = isTuple ? additionalItems : items;
  const list = first.map((item) => visit(item, depth + 1));
  const texts = new Set(list.map((item) => JSON.stringify(item)));
  const add = (item: unknown) => {
    const text = JSON.stringify(item);
    if (uniqueItems && texts.has(text)) return;
    texts.add(text);
    list.push(item);
  };

  const both = others === undefined || others === true ? contains : { allOf: [others, contains] };
  const needed = contains === undefined ? 0 : list.length + minContains;
  for (let tries = 0; list.length < needed && tries < 50 + 2 * needed; tries++) add(visit(both, depth + 1));

  const roomy = isRoomy(depth) && others !== false && first.length === 0 ? wholeBetween(random, 1, 2) : 0;
  const length = Math.min(Math.max(minItems, roomy, list.length), maxItems);
  for (let tries = 0; list.length < length && tries < 50 + 2 * length; tries++) add(visit(others ?? {}, depth + 1));
  return list;
}
