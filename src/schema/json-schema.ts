import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { CallwrightError, ConfigurationError } from "../errors.js";
import { ownThroughout } from "../own.js";
import { checkLimits } from "./limits.js";
import { inlineRoot } from "./refs.js";
import type { JsonSchema, Schema } from "./standard.js";
import { isPromise } from "./validate.js";
import { fromZod3, fromZod4 } from "./zod.js";

const known = {
  input: new WeakMap<object, JsonSchema | Promise<JsonSchema>>(),
  output: new WeakMap<object, JsonSchema | Promise<JsonSchema>>(),
};

/**
 * The JSON Schema of what a schema takes (`"input"`) or gives (`"output"`), without `$schema` and with no bare reference at its root.
 * Made once for each schema and shared: do not change it. It is a promise only for old zod, and only the first time.
 *
 * @throws ConfigurationError (or rejects with it) where the schema has none; the message says what to do.
 */
export function jsonSchemaOf(schema: Schema, io: "input" | "output" = "input"): JsonSchema | Promise<JsonSchema> {
  const before = known[io].get(schema);
  if (before) return before;
  const made = convert(schema, io);
  known[io].set(schema, made);
  if (isPromise(made)) {
    made.then(
      (done) => known[io].set(schema, done),
      () => {},
    );
  }
  return made;
}

/** What of a schema tells who can convert it: zod 4 has `_zod`, zod 3 a `typeName`. */
type Convertible = Schema & { readonly _zod?: unknown; readonly _def?: { readonly typeName?: unknown } };

function convert(schema: Convertible, io: "input" | "output"): JsonSchema | Promise<JsonSchema> {
  const { vendor, jsonSchema } = schema["~standard"] as Partial<StandardJSONSchemaV1.Props> & {
    readonly vendor: string;
  };
  try {
    if (jsonSchema) return finished(jsonSchema[io]({ target: "draft-2020-12" }));
    if (schema._zod) return fromZod4(schema, io).then(finished).catch(refused);
    if (schema._def?.typeName) return fromZod3(schema, io).then(finished).catch(refused);
  } catch (error) {
    refused(error);
  }
  throw new ConfigurationError(
    `A schema of ${JSON.stringify(vendor)} cannot say what it looks like as JSON Schema. ${advice[vendor] ?? generalAdvice}`,
  );
}

const generalAdvice = "Pass a schema with Standard JSON Schema, such as one of zod 4.2 or later or of ArkType.";
const advice: Readonly<Record<string, string>> = {
  valibot: "Wrap it with toStandardJsonSchema from @valibot/to-json-schema.",
  zod: "Run npm install zod@4.",
  arktype: "Run npm install arktype@latest.",
};

function finished({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return checkLimits(inlineRoot(ownThroughout(schema)));
}

function refused(cause: unknown): never {
  if (CallwrightError.isInstance(cause)) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new ConfigurationError(
    `A schema cannot be written as JSON Schema: ${reason}. Use types that JSON has, such as a string with a format for a date.`,
    { cause },
  );
}
