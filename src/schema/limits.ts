import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { mapSubschemas } from "./walk.js";

// Providers take far less; beyond these a schema is made by accident, and costs tokens with every call.
const maxDepth = 150;
const maxEnumValues = 5000;

/** @throws ConfigurationError for a schema that no provider would take. */
export function checkLimits(root: JsonSchema): JsonSchema {
  let enumValues = 0;
  const open = [{ schema: root, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { schema, depth } = next;
    if (depth > maxDepth)
      throw new ConfigurationError(`A schema is nested more than ${maxDepth} deep. Make it flatter.`);
    if (Array.isArray(schema.enum)) enumValues += schema.enum.length;
    if (enumValues > maxEnumValues) {
      throw new ConfigurationError(
        `A schema lists more than ${maxEnumValues} values. Ask for a string, and check it yourself.`,
      );
    }
    mapSubschemas(schema, (inner) => {
      open.push({ schema: inner, depth: depth + 1 });
      return inner;
    });
  }
  return root;
}

/** A pattern can take a time that doubles with each character; what a model writes must not reach it at any length. */
const maxPatternInput = 10_000;

/** What is too long for the pattern that stands at its place; nothing is matched here. */
export function overlongForPatterns(value: unknown, root: JsonSchema): StandardSchemaV1.Issue[] {
  const issues: StandardSchemaV1.Issue[] = [];
  // Unions inside unions come to the same place by many ways.
  const visited = new Map<object, Set<unknown>>();
  const visit = (inner: unknown, schema: unknown, path: readonly PropertyKey[], refs: number): void => {
    if (!isPlainObject(schema)) return;
    if (typeof inner === "object" && inner !== null) {
      const before = visited.get(inner) ?? new Set();
      if (before.has(schema)) return;
      visited.set(inner, before.add(schema));
    }
    if (typeof schema.$ref === "string" && refs < maxDepth) visit(inner, resolveRef(root, schema.$ref), path, refs + 1);
    if (typeof inner === "string") {
      if (schema.pattern !== undefined && inner.length > maxPatternInput && issues.length === 0) {
        issues.push({ message: `Too long for its pattern: more than ${maxPatternInput} characters`, path });
      }
    } else if (Array.isArray(inner)) {
      inner.forEach((item, index) => void visit(item, schema.items, [...path, index], 0));
    } else if (isPlainObject(inner) && isPlainObject(schema.properties)) {
      for (const [name, property] of Object.entries(schema.properties)) {
        if (Object.hasOwn(inner, name)) visit(inner[name], property, [...path, name], 0);
      }
    }
    for (const keyword of ["anyOf", "oneOf", "allOf"]) {
      const variants: unknown = schema[keyword];
      if (Array.isArray(variants)) for (const variant of variants) visit(inner, variant, path, refs + 1);
    }
  };
  visit(value, root, [], 0);
  return issues;
}
