import { TemplateError } from "../errors.js";
import { isError } from "../realm.js";

/** What an error says about a value: a variable of a template, or the position in a tag. */
export interface Where {
  /** Stands at the beginning of the sentence: `Template variable "genre"` or `Value 2 of the prompt`. */
  readonly name: string;
  readonly variable?: string | undefined;
  /** From 1, in the text as it was written. */
  readonly line?: number | undefined;
  /** From 1. */
  readonly column?: number | undefined;
}

export function variableAt(variable: string, place: { readonly line: number; readonly column: number }): Where {
  return { name: `Template variable "${variable}"`, variable, ...place };
}

export function valueAt(index: number): Where {
  return { name: `Value ${index + 1} of the prompt` };
}

/** The element of a list; the index counts from 0, as in the caller's code. */
export function elementOf(where: Where, index: number): Where {
  return { ...where, name: `Index ${index} of ${where.name[0]?.toLowerCase()}${where.name.slice(1)}` };
}

/** Throws a TemplateError that says where. `cause` is the error underneath. */
export function fail(where: Where, problem: string, cause?: unknown): never {
  const { name, variable, line, column } = where;
  const place = line === undefined ? "" : ` (line ${line}, column ${column})`;
  const details = { variable, line, column };
  throw new TemplateError(`${name}${place} ${problem}`, cause === undefined ? details : { ...details, cause });
}

/** Runs `read`; what the user's getters, proxies and `toJSON` throw becomes a TemplateError that names the value. */
export function guarded<T>(where: Where, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    const reason = isError(error) ? `: ${error.message.split("\n", 1)[0]}` : ".";
    return fail(where, `cannot be rendered${reason}`, error);
  }
}
