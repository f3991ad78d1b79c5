import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { requireInstead } from "../optional-package.js";
import { type Defs, hoistRefs, withDefs } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { marked, marker } from "./unrepresentable.js";
import { isNever, mapSubschemas } from "./walk.js";

type Zod4Override = (context: { zodSchema: unknown; jsonSchema: object }) => void;

/** What zod 4 is asked with to find the field that it cannot write: it then writes `{}`, and the mark is added. */
export const zod4Marks: { readonly unrepresentable: "any"; readonly override: Zod4Override } = {
  unrepresentable: "any",
  override({ zodSchema, jsonSchema }) {
    const { def } = (zodSchema as { _zod?: { def?: { type?: string; values?: readonly unknown[] } } })._zod ?? {};
    const isBigint = def?.type === "literal" && def.values?.some((value) => typeof value === "bigint");
    const type = isBigint ? "a bigint" : zod4Types.get(def?.type ?? "");
    if (type) Object.assign(jsonSchema, { [marker]: type });
  },
};

const zod4Types: ReadonlyMap<string, string> = new Map([
  ["date", "a Date"],
  ["bigint", "a bigint"],
  ["map", "a Map"],
  ["set", "a Set"],
  ["symbol", "a symbol"],
  ["function", "a function"],
  ["file", "a File"],
  ["nan", "NaN"],
  ["custom", "what only code can check"],
  ["transform", "what only code can check"],
  ["undefined", "undefined"],
  ["void", "undefined"],
]);

/** JSON Schema of a zod 4 schema that cannot say it itself: zod 4.0, 4.1 and zod/mini. */
export async function fromZod4(
  schema: object,
  io: "input" | "output",
  options: Partial<typeof zod4Marks> = {},
): Promise<JsonSchema> {
  const core = await importCore();
  // Descriptions live in a registry of the copy of zod that made the schema, which need not be the one found here.
  const metadata = {
    get: (inner: { meta?: () => unknown }) => inner.meta?.() ?? core.globalRegistry.get(inner as never),
  };
  return core.toJSONSchema(schema as never, { io, metadata: metadata as never, ...(options as object) });
}

/** What of a zod 3 schema's definition is read here. */
interface Zod3Def {
  readonly typeName?: string;
  readonly coerce?: boolean;
  readonly effect?: { readonly type?: string };
  readonly value?: unknown;
  readonly innerType?: { readonly _def?: Zod3Def };
}

const zod3Types: ReadonlyMap<string, string> = new Map([
  ["ZodDate", "a Date"],
  ["ZodBigInt", "a bigint"],
  ["ZodMap", "a Map"],
  ["ZodSet", "a Set"],
  ["ZodSymbol", "a symbol"],
  ["ZodFunction", "a function"],
  ["ZodNaN", "NaN"],
]);

/** zod-to-json-schema writes something for every type, also for those that zod then refuses of any JSON. */
function markZod3(schema: object | undefined, def: Zod3Def): object | undefined {
  // What stands before the type here can make it of JSON, or stand in for it.
  if (def.typeName === "ZodCatch" || (def.typeName === "ZodEffects" && def.effect?.type === "preprocess"))
    return schema && withoutAnyMark(schema as JsonSchema);
  if (def.coerce) return schema;
  // Of these two it writes one type with null, and does not look at the inner one.
  const inner = def.typeName === "ZodNullable" ? def.innerType?._def : undefined;
  if (inner?.typeName === "ZodBigInt" && !inner.coerce) return marked(schema, "a bigint");
  if (def.typeName === "ZodLiteral" && typeof def.value === "bigint") return marked({}, "a bigint");
  const type = zod3Types.get(def.typeName ?? "");
  return type ? marked(schema, type) : schema;
}

function withoutAnyMark({ [marker]: _, ...schema }: JsonSchema): JsonSchema {
  return mapSubschemas(schema, withoutAnyMark);
}

/** JSON Schema of a zod 3 schema. */
export async function fromZod3(schema: object, io: "input" | "output"): Promise<JsonSchema> {
  const { zodToJsonSchema } = await importConverter();
  const defs: Defs = new Map();
  const postProcess = io === "input" ? { postProcess: markZod3 as never } : {};
  // It refers to the place where a schema was first seen, which moves when the schema is changed or becomes a part of another.
  const whole = hoistRefs(zodToJsonSchema(schema as never, { pipeStrategy: io, ...postProcess }) as JsonSchema, defs);
  for (const [name, definition] of defs) defs.set(name, modern(definition));
  return withDefs(modern(whole), defs);
}

// In try blocks: bundlers accept a package that is missing only there, and zod is optional.

async function importCore() {
  try {
    return await import("zod/v4/core");
  } catch (cause) {
    if (!isMissing(cause)) return requireInstead<typeof import("zod/v4/core")>("zod/v4/core", cause);
    throw new ConfigurationError("A schema is of zod 4, but zod/v4/core cannot be imported. Run npm install zod@4.", {
      cause,
    });
  }
}

async function importConverter() {
  try {
    return await import("zod-to-json-schema");
  } catch (cause) {
    if (!isMissing(cause)) return requireInstead<typeof import("zod-to-json-schema")>("zod-to-json-schema", cause);
    throw new ConfigurationError(
      "A schema is of zod 3, whose JSON schema needs zod 3.25 or later. Run npm install zod@4.",
      { cause },
    );
  }
}

/** Whether an import failed for good: the package, or in an old version this part of it, is not there. */
function isMissing(cause: unknown): boolean {
  return /MODULE_NOT_FOUND|PATH_NOT_EXPORTED/.test(String((cause as { code?: unknown }).code));
}

/** Draft 7 as zod-to-json-schema writes it, in the words of 2020-12, which providers check; without its sign for undefined. */
function modern(schema: JsonSchema): JsonSchema {
  const { additionalItems, ...copy } = mapSubschemas(schema, modern);
  if (Array.isArray(copy.items)) return { ...copy, prefixItems: copy.items, items: additionalItems ?? false };
  if (!Array.isArray(copy.anyOf) || !copy.anyOf.some(isNever)) return copy;
  const { anyOf: _, ...rest } = copy;
  const variants = copy.anyOf.filter((variant) => !isNever(variant));
  return variants.length === 1 && isPlainObject(variants[0])
    ? { ...variants[0], ...rest }
    : { ...rest, anyOf: variants };
}
