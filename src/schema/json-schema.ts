import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { CallwrightError, ConfigurationError } from "../errors.js";
import { ownThroughout } from "../own.js";
import { checkSchema } from "./check.js";
import { fieldError } from "./problem.js";
import { inlineRoot } from "./refs.js";
import type { JsonSchema, Schema } from "./standard.js";
import { findUnrepresentable, marked, withoutMarks } from "./unrepresentable.js";
import { isPromise } from "./validate.js";
import { fromZod3, fromZod4, zod4Marks } from "./zod.js";

const known = {
  input: new WeakMap<object, JsonSchema | Promise<JsonSchema>>(),
  output: new WeakMap<object, JsonSchema | Promise<JsonSchema>>(),
};

/**
 * The JSON Schema of what a schema takes (`"input"`) or gives (`"output"`), without `$schema` and with no bare reference at its root.
 * Made once for each schema and shared: do not change it. It is a promise only for old zod, and only the first time.
 *
 * @throws ConfigurationError (or rejects with it) if the schema has none, or takes what JSON does not have; it names the field.
 */
export function jsonSchemaOf(schema: Schema, io: "input" | "output" = "input"): JsonSchema | Promise<JsonSchema> {
  const before = known[io].get(schema);
  if (before) return before;
  const made = convert(schema, io);
  known[io].set(schema, made);
  if (isPromise(made)) {
    made.then(
      (done) => known[io].set(schema, done),
      // A converter that could not be loaded may be there the next time.
      () => known[io].delete(schema),
    );
  }
  return made;
}

/** What of a schema tells who can convert it: zod 4 has `_zod`, zod 3 a `typeName`. */
type Convertible = Schema & { readonly _zod?: unknown; readonly _def?: { readonly typeName?: unknown } };
type Io = "input" | "output";

function convert(schema: Convertible, io: Io): JsonSchema | Promise<JsonSchema> {
  const { vendor, jsonSchema } = schema["~standard"] as Partial<StandardJSONSchemaV1.Props> & {
    readonly vendor: string;
  };
  if (jsonSchema) {
    try {
      return finished(jsonSchema[io]({ target: "draft-2020-12", ...usualOptions[vendor] }), io);
    } catch (error) {
      return refuse(error, () => jsonSchema[io]({ target: "draft-2020-12", ...markingOptions[vendor] }));
    }
  }
  if (schema._zod) {
    return fromZod4(schema, io)
      .then((made) => finished(made, io))
      .catch(async (error: unknown) => {
        const found = await fromZod4(schema, io, zod4Marks).catch(() => ({}));
        return refuse(error, () => found);
      });
  }
  if (schema._def?.typeName) {
    return fromZod3(schema, io)
      .then((made) => finished(made, io))
      .catch((error: unknown) => refuse(error));
  }
  throw new ConfigurationError(
    `A schema of ${JSON.stringify(vendor)} cannot say what it looks like as JSON Schema. ${advice[vendor] ?? generalAdvice}`,
  );
}

const generalAdvice = "Pass a schema with Standard JSON Schema, such as one of zod 4.2 or later or of ArkType.";
const advice: Readonly<Record<string, string>> = {
  __proto__: null as never,
  valibot: "Wrap it with toStandardJsonSchema from @valibot/to-json-schema.",
  zod: "Run npm install zod@4.",
  arktype: "Run npm install arktype@latest.",
};

type Options = Readonly<Record<string, { readonly libraryOptions: Record<string, unknown> }>>;

/** ArkType writes `{}` for a type that JSON lacks, so it is asked to add the mark. Source: `toJsonSchema` of @ark/schema. */
const usualOptions: Options = {
  __proto__: null as never,
  arktype: {
    libraryOptions: {
      fallback: {
        date: ({ base }: Lacking) => marked(base, "a Date"),
        proto: ({ base, proto }: Lacking) => marked(base, `a ${proto?.name ?? "class"}`),
        domain: ({ base, domain }: Lacking) => marked(base, `a ${domain}`),
        unit: ({ base, unit }: Lacking) => (unit === undefined ? base : marked(base, `a ${typeof unit}`)),
      },
    },
  },
};

interface Lacking {
  readonly base: object;
  readonly proto?: { readonly name: string };
  readonly domain?: string;
  readonly unit?: unknown;
}

/** What the libraries that refuse such a type are asked with, once they have refused, to find out where it is. */
const markingOptions: Options = {
  __proto__: null as never,
  zod: { libraryOptions: { ...zod4Marks } },
  valibot: {
    libraryOptions: {
      errorMode: "ignore",
      overrideSchema: ({ errors, valibotSchema, jsonSchema }: RefusedByValibot) =>
        errors && marked(jsonSchema, `a ${valibotSchema.type}`),
    },
  },
};

interface RefusedByValibot {
  readonly errors?: readonly string[];
  readonly valibotSchema: { readonly type: string };
  readonly jsonSchema: object;
}

function finished({ $schema: _, ...schema }: JsonSchema, io: Io): JsonSchema {
  const own = ownThroughout(schema);
  checkSchema(own);
  return inlineRoot(io === "input" ? withoutMarks(own) : own);
}

/** @param mark Converts the schema again, with marks where it takes what JSON does not have. */
function refuse(cause: unknown, mark?: () => JsonSchema): never {
  if (CallwrightError.isInstance(cause)) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw fieldError(
    pathOf(mark),
    `cannot be written as JSON Schema: ${reason.replace(/\.+$/, "")}. Use types that JSON has, such as a string with a format for a date.`,
    cause,
  );
}

function pathOf(mark: (() => JsonSchema) | undefined): readonly PropertyKey[] {
  try {
    return (mark && findUnrepresentable(mark())?.path) ?? [];
  } catch {
    return [];
  }
}
