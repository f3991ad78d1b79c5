import { readFileSync } from "node:fs";
import { templateFact } from "../prompt/base-prompt.js";
import { callFacts } from "../prompt/call-decorator.js";
import { type DeclaredType, declaredType } from "./declared-types.js";
import type { NamedCall } from "./named-call.js";
import { parametersOf } from "./parameters.js";
import type { CallShape } from "./run-arguments.js";

/** The most of a source file that is searched for declared types. */
const mostSource = 1_000_000;

/**
 * What a call takes: the variables of its template, or the parameters of the function below it.
 *
 * @param path The file of the module, in which the types are declared.
 */
export function shapeOf({ name, fn }: NamedCall, path: string): CallShape {
  const body = callFacts.of(fn)?.body;
  const template = templateFact.of(fn) ?? (body && templateFact.of(body));
  const variables = template && [...template.source.matchAll(/\{\s*(?!self\b)([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu)];
  let source: string | undefined;
  return {
    name,
    parameters: body && !template ? parametersOf(body) : undefined,
    variables: variables?.map(([, variable]) => variable as string),
    typeOf(member): DeclaredType | undefined {
      source ??= readFileSync(path, "utf8").slice(0, mostSource);
      return declaredType(source, name, member);
    },
  };
}
