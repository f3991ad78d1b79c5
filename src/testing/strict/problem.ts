/** Why an API refuses a request, in its own words. */
export interface Problem {
  readonly message: string;
  /** The HTTP status. @default 400 */
  readonly status?: number;
  /** The member at fault, as OpenAI names it. */
  readonly param?: string;
  readonly code?: string;
  /** @default "invalid_request_error" */
  readonly type?: string;
  /** What Mistral sends in the place of a sentence if a member has the wrong form. */
  readonly detail?: readonly object[];
}

/** A request as the rules see it. */
export interface Checked {
  readonly body: Json;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object of a parsed body. It is read by fixed names only. */
export type Json = Readonly<Record<string, any>>;

export interface Rule {
  /** What is refused, for the table in docs/testing.md. */
  readonly title: string;
  readonly check: (request: Checked) => Problem | undefined;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly any[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list. */
export function objectsOf(value: unknown): readonly Json[] {
  return listOf(value).filter(isObject);
}

/** The first result that is not undefined. */
export function firstOf<Item, Result>(
  items: Iterable<Item>,
  find: (item: Item, index: number) => Result | undefined,
): Result | undefined {
  let index = 0;
  for (const item of items) {
    const found = find(item, index++);
    if (found !== undefined) return found;
  }
  return undefined;
}
