import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Any schema with Standard Schema: zod, ArkType, Valibot and others. */
export type Schema<Output = unknown> = StandardSchemaV1<any, Output>;
export type Shape = Readonly<Record<string, Schema>>;
export type JsonSchema = { readonly [key: string]: unknown };

type Flat<T> = { [K in keyof T]: T[K] };
type Input<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : never;

/** What `new` takes for a shape: fields that accept undefined may be left out. */
export type ShapeInput<S extends Shape> = Flat<
  { [K in keyof S as undefined extends Input<S[K]> ? never : K]: Input<S[K]> } & {
    [K in keyof S as undefined extends Input<S[K]> ? K : never]?: Input<S[K]>;
  }
>;
export type ShapeOutput<S extends Shape> = { [K in keyof S]: StandardSchemaV1.InferOutput<S[K]> };

export function isSchema(value: unknown): value is Schema {
  const standard =
    (typeof value === "object" || typeof value === "function") && value !== null
      ? (value as { "~standard"?: unknown })["~standard"]
      : undefined;
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof (standard as { validate?: unknown }).validate === "function"
  );
}
