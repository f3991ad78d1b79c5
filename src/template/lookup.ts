import { isObjectPrototype } from "../realm.js";
import { fail, type Where } from "./where.js";

/** Where the variables of a template come from. */
export interface Scope {
  /** The one object argument of the function, or the instance of a prompt class. */
  readonly variables: unknown;
  /** What `{self.x}` reads: the `this` of the call. */
  readonly self: unknown;
  /** Wins over the variables. */
  readonly computed?: Readonly<Record<string, unknown>> | undefined;
}

/** These lead out of the data, to code. */
const refused = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Reads `path`. A member is an own property, or a getter on the prototype chain below Object.prototype; inherited
 * methods are none. A getter runs once.
 *
 * @throws TemplateError for a missing variable, a path through null and a refused name.
 */
export function lookUp(scope: Scope, path: readonly string[], where: Where): unknown {
  for (const name of path) if (refused.has(name)) fail(where, `is refused: "${name}" is never read.`);
  const [head, ...members] = path as readonly [string, ...string[]];
  let value = head === "self" ? scope.self : variable(scope, head, where);
  let walked = head;
  for (const name of members) {
    if (value === null || value === undefined) fail(where, `leads through "${walked}", which is ${value}.`);
    const found = member(value, name);
    value = found ? found.value : missing(where, `"${walked}" has`, value);
    walked += `.${name}`;
  }
  return value;
}

function variable({ computed, variables }: Scope, name: string, where: Where): unknown {
  const found = member(computed, name);
  if (found) return found.value;
  if (typeof variables !== "object" || variables === null) {
    return fail(where, "is missing: a template takes one object argument, such as ({ genre }).");
  }
  const own = member(variables, name);
  return own ? own.value : missing(where, "the variables are", variables);
}

function member(holder: unknown, name: string): { readonly value: unknown } | undefined {
  if (holder === null || holder === undefined) return undefined;
  const owner: object = Object(holder);
  for (
    let object: object | null = owner;
    object !== null && !isObjectPrototype(object);
    object = Object.getPrototypeOf(object)
  ) {
    const property = Object.getOwnPropertyDescriptor(object, name);
    if (!property) continue;
    return object === owner || property.get ? { value: Reflect.get(object, name, holder) } : undefined;
  }
  return undefined;
}

/** Names the members there are, but not those of a prototype. */
function missing(where: Where, there: string, holder: unknown): never {
  const names = Object.keys(Object(holder)).slice(0, 10);
  return fail(where, `is missing; ${there} ${names.join(", ") || "none"}.`);
}
