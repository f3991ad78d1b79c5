import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { type Defs, hoistRefs, withDefs } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { isNever, mapSubschemas } from "./walk.js";

/** JSON Schema of a zod 4 schema that cannot say it itself: zod 4.0, 4.1 and zod/mini. */
export async function fromZod4(schema: object, io: "input" | "output"): Promise<JsonSchema> {
  const core = await importCore();
  // Descriptions live in a registry of the copy of zod that made the schema, which need not be the one found here.
  const metadata = {
    get: (inner: { meta?: () => unknown }) => inner.meta?.() ?? core.globalRegistry.get(inner as never),
  };
  return core.toJSONSchema(schema as never, { io, metadata: metadata as never });
}

/** JSON Schema of a zod 3 schema. */
export async function fromZod3(schema: object, io: "input" | "output"): Promise<JsonSchema> {
  const { zodToJsonSchema } = await importConverter();
  const defs: Defs = new Map();
  // It refers to the place where a schema was first seen, which moves when the schema is changed or becomes a part of another.
  const whole = hoistRefs(zodToJsonSchema(schema as never, { pipeStrategy: io }) as JsonSchema, defs);
  for (const [name, definition] of defs) defs.set(name, modern(definition));
  return withDefs(modern(whole), defs);
}

// In try blocks: bundlers accept a package that is missing only there, and zod is optional.

async function importCore() {
  try {
    return await import("zod/v4/core");
  } catch (cause) {
    throw new ConfigurationError("A schema is of zod 4, but zod/v4/core cannot be imported. Run npm install zod@4.", {
      cause,
    });
  }
}

async function importConverter() {
  try {
    return await import("zod-to-json-schema");
  } catch (cause) {
    throw new ConfigurationError(
      "A schema is of zod 3, whose JSON schema needs zod 3.25 or later. Run npm install zod@4.",
      { cause },
    );
  }
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
