import type { Problem } from "./problem.js";

/** What a member of a body must look like. Made by the functions below. */
export type Shape =
  | { readonly kind: "any" | "boolean" }
  | { readonly kind: "string"; readonly min?: number; readonly max?: number; readonly pattern?: RegExp }
  | { readonly kind: "number" | "integer"; readonly min?: number; readonly max?: number }
  | { readonly kind: "literal"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly items: Shape; readonly min?: number; readonly max?: number }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Member>; readonly open: boolean }
  | {
      readonly kind: "tagged";
      readonly tag: string;
      readonly variants: ReadonlyMap<string, Shape>;
      /** The variant of an object without the tag. */
      readonly untagged?: string;
      /** Takes tags that are not listed. */
      readonly open: boolean;
      /** Whether the variant is a step of the path, as in `content.0.text.text`. */
      readonly named: boolean;
    }
  | { readonly kind: "either"; readonly shapes: readonly Shape[] };

export interface Member {
  readonly shape: Shape;
  readonly required: boolean;
  readonly nullable: boolean;
}

export const any: Shape = { kind: "any" };
export const string: Shape = { kind: "string" };
export const boolean: Shape = { kind: "boolean" };
export const number: Shape = { kind: "number" };
export const integer: Shape = { kind: "integer" };
export const strings: Shape = { kind: "list", items: string };
export const record: Shape = { kind: "object", members: new Map(), open: true };

export const text = (limits: { min?: number; max?: number; pattern?: RegExp }): Shape => ({
  kind: "string",
  ...limits,
});
export const from = (min: number, max?: number): Shape => ({
  kind: "number",
  min,
  ...(max !== undefined && { max }),
});
export const count = (min: number, max?: number): Shape => ({
  kind: "integer",
  min,
  ...(max !== undefined && { max }),
});
export const literal = (...values: readonly string[]): Shape => ({ kind: "literal", values });
export const list = (items: Shape, limits: { min?: number; max?: number } = {}): Shape => ({
  kind: "list",
  items,
  ...limits,
});
export const either = (...shapes: readonly Shape[]): Shape => ({ kind: "either", shapes });

export const required = (shape: Shape): Member => ({ shape, required: true, nullable: false });
export const optional = (shape: Shape): Member => ({ shape, required: false, nullable: false });
/** May be left out or null. */
export const nullable = (shape: Shape): Member => ({ shape, required: false, nullable: true });

/** An object with these members and no others. */
export const object = (members: Readonly<Record<string, Member>>): Shape => ({
  kind: "object",
  members: new Map(Object.entries(members)),
  open: false,
});
/** An object with these members, and others that are not looked at. */
export const open = (members: Readonly<Record<string, Member>>): Shape => ({
  kind: "object",
  members: new Map(Object.entries(members)),
  open: true,
});
/** An object whose form depends on one of its members. */
export const tagged = (
  tag: string,
  variants: Readonly<Record<string, Shape>>,
  options: { readonly untagged?: string; readonly open?: boolean; readonly named?: boolean } = {},
): Shape => ({
  kind: "tagged",
  tag,
  variants: new Map(Object.entries(variants)),
  open: false,
  named: false,
  ...options,
});

/** Where a value stands: names, indexes, and the variants of `tagged` in braces. */
export type Path = readonly (string | number | { readonly variant: string })[];

/** How an API says what is wrong with a member. */
export interface Words {
  missing(at: Path): Problem;
  unknown(at: Path, value: unknown): Problem;
  /** @param expected Kinds of JSON values, such as "string" and "list". */
  kind(at: Path, expected: readonly string[], value: unknown): Problem;
  /** A string that is not one of those listed. */
  value(at: Path, values: readonly string[], value: unknown): Problem;
  variant(at: Path, tag: string, values: readonly string[], value: unknown): Problem;
  pattern(at: Path, pattern: RegExp, value: string): Problem;
  length(at: Path, value: string | readonly unknown[], bound: "min" | "max", limit: number): Problem;
  bound(at: Path, value: number, bound: "min" | "max", limit: number): Problem;
}

/** The first thing that is wrong with a value, undefined if it has the shape. */
export function problemOf(value: unknown, shape: Shape, words: Words, path: Path = []): Problem | undefined {
  switch (shape.kind) {
    case "any":
      return undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : words.kind(path, ["boolean"], value);
    case "literal":
      if (typeof value !== "string") return words.kind(path, ["string"], value);
      return shape.values.includes(value) ? undefined : words.value(path, shape.values, value);
    case "string":
      if (typeof value !== "string") return words.kind(path, ["string"], value);
      return (
        lengthProblem(value, shape, words, path) ??
        (shape.pattern && !shape.pattern.test(value) ? words.pattern(path, shape.pattern, value) : undefined)
      );
    case "number":
    case "integer":
      if (typeof value !== "number" || (shape.kind === "integer" && !Number.isInteger(value)))
        return words.kind(path, [shape.kind], value);
      if (shape.min !== undefined && value < shape.min) return words.bound(path, value, "min", shape.min);
      return shape.max !== undefined && value > shape.max ? words.bound(path, value, "max", shape.max) : undefined;
    case "list":
      if (!Array.isArray(value)) return words.kind(path, [kindOf(shape)], value);
      return lengthProblem(value, shape, words, path) ?? itemsProblem(value, shape.items, words, path);
    case "object":
      return membersProblem(value, shape, words, path);
    case "tagged":
      return variantProblem(value, shape, words, path);
    case "either": {
      const fitting = shape.shapes.find((each) => isOfKind(value, each));
      if (fitting) return problemOf(value, fitting, words, path);
      return words.kind(path, shape.shapes.map(kindOf), value);
    }
  }
}

type Of<Kind extends Shape["kind"]> = Extract<Shape, { readonly kind: Kind }>;

function lengthProblem(
  value: string | readonly unknown[],
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
  words: Words,
  path: Path,
): Problem | undefined {
  if (value.length < min) return words.length(path, value, "min", min);
  return value.length > max ? words.length(path, value, "max", max) : undefined;
}

function itemsProblem(values: readonly unknown[], items: Shape, words: Words, path: Path): Problem | undefined {
  for (let index = 0; index < values.length; index++) {
    const problem = problemOf(values[index], items, words, [...path, index]);
    if (problem) return problem;
  }
  return undefined;
}

function membersProblem(value: unknown, shape: Of<"object">, words: Words, path: Path): Problem | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return words.kind(path, ["object"], value);
  for (const [name, { shape: inner, required, nullable }] of shape.members) {
    const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
    if (member === undefined) {
      if (required) return words.missing([...path, name]);
    } else if (member !== null || !nullable) {
      const problem = problemOf(member, inner, words, [...path, name]);
      if (problem) return problem;
    }
  }
  if (shape.open) return undefined;
  const extra = Object.keys(value).find((name) => !shape.members.has(name));
  return extra === undefined ? undefined : words.unknown([...path, extra], Reflect.get(value, extra));
}

function variantProblem(value: unknown, shape: Of<"tagged">, words: Words, path: Path): Problem | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return words.kind(path, ["object"], value);
  const tag: unknown = (Object.hasOwn(value, shape.tag) ? Reflect.get(value, shape.tag) : undefined) ?? shape.untagged;
  if (tag === undefined) return shape.open ? undefined : words.missing([...path, shape.tag]);
  const variant = typeof tag === "string" ? shape.variants.get(tag) : undefined;
  if (variant) return problemOf(value, variant, words, shape.named ? [...path, { variant: tag as string }] : path);
  return shape.open ? undefined : words.variant(path, shape.tag, [...shape.variants.keys()], tag);
}

function isOfKind(value: unknown, { kind }: Shape): boolean {
  if (kind === "string" || kind === "literal") return typeof value === "string";
  if (kind === "list") return Array.isArray(value);
  if (kind === "object" || kind === "tagged")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  return kind === "any" || typeof value === (kind === "boolean" ? kind : "number");
}

/** The JSON kind of what a shape takes; lists say of what. */
function kindOf(shape: Shape): string {
  if (shape.kind === "list") return `list of ${kindOf(shape.items)}s`;
  if (shape.kind === "tagged") return "object";
  return shape.kind === "literal" ? "string" : shape.kind;
}
