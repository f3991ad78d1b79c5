import type { Problem } from "./problem.js";
import type { Path, Words } from "./shape.js";

/** A problem at a place, as Anthropic writes it: "messages.0.content.1.tool_use.id: …". */
export function at(path: Path | string, message: string): Problem {
  const place = typeof path === "string" ? path : path.map((step) => (isVariant(step) ? step.variant : step)).join(".");
  return { message: place === "" ? message : `${place}: ${message}` };
}

function isVariant(step: Path[number]): step is { readonly variant: string } {
  return typeof step === "object";
}

/**
 * The sentences of its validator.
 * Source: https://github.com/anthropics/claude-code/issues/8184 (values), /issues/6696 (dictionaries), /issues/96152
 * (lengths), https://github.com/BlockRunAI/ClawRouter/issues/17 (patterns), https://github.com/amrit110/oli/issues/7
 * (unknown members).
 */
export const anthropicWords: Words = {
  missing: (path) => at(path, "Field required"),
  unknown: (path) => at(path, "Extra inputs are not permitted"),
  kind: (path, expected) => at(path, kinds.get(expected.at(-1) ?? "") ?? "Input should be a valid list"),
  value: (path, values) => at(path, `Input should be ${inWords(values, "or")}`),
  variant: (path, tag, values, value) =>
    at(
      path,
      `Input tag '${value}' found using '${tag}' does not match any of the expected tags: ${values.map((each) => `'${each}'`).join(", ")}`,
    ),
  pattern: (path, pattern) => at(path, `String should match pattern '${pattern.source}'`),
  length: (path, value, bound, limit) => {
    const most = bound === "max" ? "most" : "least";
    if (typeof value === "string")
      return at(path, `String should have at ${most} ${limit} character${limit === 1 ? "" : "s"}`);
    return at(
      path,
      `List should have at ${most} ${limit} item${limit === 1 ? "" : "s"} after validation, not ${value.length}`,
    );
  },
  bound: (path, _, bound, limit) =>
    at(path, `Input should be ${bound === "min" ? "greater" : "less"} than or equal to ${limit}`),
};

const kinds: ReadonlyMap<string, string> = new Map([
  ["string", "Input should be a valid string"],
  ["boolean", "Input should be a valid boolean"],
  ["integer", "Input should be a valid integer"],
  ["number", "Input should be a valid number"],
  ["object", "Input should be a valid dictionary"],
]);

/** `'a', 'b' or 'c'`. */
export function inWords(values: readonly string[], last: string): string {
  const quoted = values.map((value) => `'${value}'`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} ${last} ${quoted.at(-1)}`;
}
