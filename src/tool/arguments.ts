import { isPlainObject } from "../json.js";
import { dropAddedNulls } from "../schema/added-nulls.js";
import { jsonSchemaOf } from "../schema/json-schema.js";
import { isObjectRoot, toObjectRoot } from "../schema/object-root.js";
import { shapeSchema, validateShape } from "../schema/shape.js";
import type { JsonSchema, Schema } from "../schema/standard.js";
import { isPromise, type Result, validate } from "../schema/validate.js";
import type { ToolFacts } from "./facts.js";

/** What a model is told of a tool's arguments, and what they are checked against. */
export interface Arguments {
  /** The schema of an object. @throws ConfigurationError if there is none. */
  schema(): JsonSchema | Promise<JsonSchema>;
  validate(args: unknown): Result | Promise<Result>;
}

/** The one key of the object around arguments that are no object. */
const wrapper = "value";

const noArguments = {};

/**
 * The arguments of a function tool. Providers take an object only. An intersection or union of objects is merged into one;
 * what is left, such as a list, is wrapped in an object with one key and unwrapped before validation. A strict tool keeps its
 * union, wrapped, since the provider then holds the model to one of the choices.
 */
export function argumentsOf({ input, strict }: ToolFacts): Arguments {
  if (!input) {
    return { schema: () => shapeSchema(noArguments), validate: (args) => validateShape(noArguments, args) };
  }
  let read = (args: unknown) => args;
  const objectSchema = (own: JsonSchema) => {
    const isChoice = own.anyOf !== undefined || own.oneOf !== undefined;
    const merged = strict && isChoice ? undefined : toObjectRoot(own);
    // Models write null for the members of the choices that they did not make.
    read = merged ? (args) => dropAddedNulls(args, merged) : unwrapped;
    return merged ?? wrap(input);
  };
  return {
    schema() {
      const own = jsonSchemaOf(input);
      if (isPromise(own)) return own.then(objectSchema);
      return isObjectRoot(own) ? own : objectSchema(own);
    },
    validate: (args) => validate(input, read(args)),
  };
}

const shapes = new WeakMap<Schema, Readonly<Record<string, Schema>>>();

/** The same schema for the same input, so that what is made of it is made once. */
function wrap(input: Schema): JsonSchema | Promise<JsonSchema> {
  const shape = shapes.get(input) ?? { [wrapper]: input };
  shapes.set(input, shape);
  return shapeSchema(shape);
}

/** Models sometimes leave out the object around the value. */
function unwrapped(args: unknown): unknown {
  return isPlainObject(args) && Object.keys(args).length === 1 && Object.hasOwn(args, wrapper) ? args[wrapper] : args;
}
