import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type AnyFunction, decorate, fact } from "./decorate.js";
import { ConfigurationError } from "./errors.js";
import { isSchema, type Schema, type Shape } from "./schema/standard.js";

/** A class whose instances have fields with schemas: of a shape, or marked by `@field`. */
export type FieldClass = (abstract new (...args: never[]) => object) & { readonly prototype: object };

/** Fields that were declared on this class itself, by `of` or by legacy `@field`. */
const declared = fact<Record<string, Schema>>("fields");
/** All fields of a class, once they were gathered. */
const gathered = fact<Shape>("shape");

/** While this is set, the initialisers of TC39 fields of that class put their schemas here. */
let gathering: { readonly target: FieldClass; readonly found: Record<string, Schema> } | undefined;

/** The values that the instance under construction was given; TC39 initialisers take them from here. */
const given = new WeakMap<object, Readonly<Record<string, unknown>>>();

export function declareShape(target: FieldClass, shape: Shape): void {
  for (const [name, schema] of Object.entries(shape)) {
    if (!isSchema(schema))
      throw new ConfigurationError(
        `The field ${name} has no schema. Give it one with Standard Schema, such as z.string().`,
      );
  }
  declared.set(target, { ...shape });
}

/**
 * The fields of a class and of those that it extends.
 *
 * A TC39 field decorator does not learn of its class before an instance is made, so the first look makes one that
 * nobody sees.
 */
export function shapeOf(target: FieldClass): Shape {
  const known = gathered.of(target);
  if (known) return known;
  let shape: Shape = {};
  // What a parent declares stands first, as TC39 fields do; a subclass has the last word.
  for (let each: object | null = target; each; each = Object.getPrototypeOf(each)) {
    shape = { ...declared.of(each), ...shape };
  }
  gathered.set(target, { ...shape, ...gatherStandardFields(target) });
  return gathered.of(target) as Shape;
}

function gatherStandardFields(target: FieldClass): Shape {
  const outer = gathering;
  const found: Record<string, Schema> = {};
  gathering = { target, found };
  try {
    Reflect.construct(target as unknown as AnyFunction, []);
  } catch {
    // A constructor that cannot do without arguments comes too late to keep its fields from being seen.
  } finally {
    gathering = outer;
  }
  return found;
}

/** Whether an instance of the class is being made only to see its fields. */
export function isGathering(target: FieldClass): boolean {
  return gathering?.target === target;
}

/** Gives an instance its values, now and for the field initialisers that run after this. */
export function assignFields(instance: object, values: Readonly<Record<string, unknown>>): void {
  given.set(instance, values);
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(instance, name, { value, enumerable: true, configurable: true, writable: true });
  }
}

/** Field names that would hide a member of the class, or make its instances look like promises. */
type Taken<Base> = keyof Base | "toString" | "then";
export type Free<S extends Shape, Base> = [keyof S & Taken<Base>] extends [never]
  ? unknown
  : { readonly "a field may not be named": keyof S & Taken<Base> };

interface FieldDecorator<T> {
  <K extends PropertyKey>(target: { [P in K]?: T }, name: K): void;
  (value: undefined, context: ClassFieldDecoratorContext<any, T>): void;
}

/**
 * A schema for one field of a tool or prompt class. A bare description reads the field's type from the metadata that
 * TypeScript emits in legacy mode with `emitDecoratorMetadata`, for `string`, `number` and `boolean`.
 *
 * @throws ConfigurationError where a bare description has no such metadata to read.
 */
export function field<S extends Schema>(schema: S): FieldDecorator<StandardSchemaV1.InferOutput<S>>;
export function field(description: string): FieldDecorator<any>;
export function field(schema: Schema | string): FieldDecorator<never> {
  return ((...args: unknown[]) =>
    decorate(
      {
        label: "@field",
        onLegacyField(prototype, name) {
          const owner = prototype.constructor as FieldClass;
          const own = declared.of(owner) ?? {};
          own[String(name)] = typeof schema === "string" ? fromEmittedType(prototype, name, schema) : schema;
          declared.set(owner, own);
        },
        onField(name) {
          if (typeof schema === "string") throw needsSchema(name, schema);
          return function initialise(this: object, initial: unknown) {
            if (gathering?.target === this.constructor) gathering.found[String(name)] = schema;
            const values = given.get(this);
            return values && Object.hasOwn(values, name) ? values[String(name)] : initial;
          };
        },
      },
      args,
    )) as FieldDecorator<never>;
}

type EmittedMetadata = { getMetadata?(key: string, target: object, name: PropertyKey): unknown };

function fromEmittedType(prototype: object, name: PropertyKey, description: string): Schema {
  const type = (Reflect as EmittedMetadata).getMetadata?.("design:type", prototype, name);
  const primitive = primitives.get(type);
  if (!primitive) throw needsSchema(name, description);
  return primitiveSchema(primitive, description);
}

const primitives = new Map<unknown, "string" | "number" | "boolean">([
  [String, "string"],
  [Number, "number"],
  [Boolean, "boolean"],
]);

function primitiveSchema(type: "string" | "number" | "boolean", description: string): Schema {
  const jsonSchema = () => ({ type, description });
  const standard = {
    version: 1 as const,
    vendor: "callwright",
    validate: (value: unknown) => (typeof value === type ? { value } : { issues: [{ message: `Expected a ${type}` }] }),
    jsonSchema: { input: jsonSchema, output: jsonSchema },
  };
  return { "~standard": standard };
}

function needsSchema(name: PropertyKey, description: string): ConfigurationError {
  return new ConfigurationError(
    `The type of the field ${String(name)} is not known at run time: write @field(z.string().describe(${JSON.stringify(description)})). ` +
      "A bare description needs reflect-metadata, legacy decorators with emitDecoratorMetadata, and a string, number or boolean.",
  );
}
