/**
 * A line of the command's own words, with what comes from outside between them: only that can hold a secret. Plain data,
 * so that it can be sent to another process.
 */
export interface Line {
  /** One more than there are values. */
  readonly words: readonly string[];
  readonly values: readonly string[];
}

/** What is printed: a line, or a text that comes from outside as a whole. */
export type Printed = string | Line;

/** A line; texts in its holes come from outside, numbers and lines do not. */
export function line(words: readonly string[], ...holes: readonly (string | number | Line)[]): Line {
  const all = { words: [words[0] ?? ""], values: [] as string[] };
  for (const [index, hole] of holes.entries()) {
    const after = words[index + 1] ?? "";
    if (typeof hole === "string") {
      all.words.push(after);
      all.values.push(hole);
    } else {
      const inner = typeof hole === "number" ? own(String(hole)) : hole;
      const last = all.words.pop() ?? "";
      all.words.push(...inner.words);
      all.words[all.values.length] = `${last}${inner.words[0] ?? ""}`;
      all.values.push(...inner.values);
      all.words.push(`${all.words.pop()}${after}`);
    }
  }
  return all;
}

/** A line in which nothing comes from outside. */
export function own(text: string): Line {
  return { words: [text], values: [] };
}

/** The same with its values changed. */
export function withValues(printed: Printed, change: (value: string) => string): Printed {
  return typeof printed === "string" ? change(printed) : { ...printed, values: printed.values.map(change) };
}

export function textOf(printed: Printed): string {
  if (typeof printed === "string") return printed;
  return printed.words.map((word, index) => `${word}${printed.values[index] ?? ""}`).join("");
}
