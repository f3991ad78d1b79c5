import type { Message } from "../message.js";
import { type Body, body } from "./body.js";
import type { TagTemplate, Template } from "./grammar.js";
import type { Hole } from "./hole.js";
import type { Section } from "./layout.js";
import { lookUp, type Scope } from "./lookup.js";
import type { HoleOptions, Specifier } from "./specifiers.js";
import { asMessages, putValue, standsForMessages } from "./values.js";
import { guarded, valueAt, type Where } from "./where.js";

/** What stands in a hole at one call. */
interface Filling {
  readonly value: unknown;
  readonly where: Where;
  readonly specifier?: Specifier | undefined;
  readonly options?: HoleOptions;
}

/**
 * Renders a template string. Values are put in as they are: nothing in them is read as a role, a hole or indentation.
 *
 * @throws TemplateError that names the variable.
 */
export function renderTemplate(template: Template, scope: Scope): Message[] {
  return render(template, (hole) => fillingOf(hole, scope), false);
}

/**
 * Renders a prompt tag with its values.
 *
 * @throws TemplateError that says which value, counted from 1.
 */
export function renderTag(template: TagTemplate, values: readonly unknown[]): Message[] {
  return render(template, (index) => ({ value: values[index], where: valueAt(index) }), true);
}

function fillingOf(hole: Hole, scope: Scope): Filling {
  if (hole.type === "cache") return { value: hole.point, where: hole.where };
  const { path, where, specifier, options } = hole;
  return { value: guarded(where, () => lookUp(scope, path, where)), where, specifier, options };
}

function render<H extends object | number>(
  sections: readonly Section<H>[],
  fill: (hole: H) => Filling,
  single: boolean,
): Message[] {
  const alone = sections.length === 1 && !sections[0]?.marked && sections[0]?.pieces.length === 1;
  const messages: Message[] = [];
  for (const section of sections) {
    const fillings = section.pieces.map((piece) => (typeof piece === "string" ? piece : fill(piece)));
    const [first] = fillings;
    const splice = section.role === "messages" || (alone && typeof first === "object" && isWholeBody(first));
    if (splice) spliceMessages(messages, fillings, single || alone);
    else pushMessage(messages, section.role as Message["role"], fillings);
  }
  return messages;
}

function isWholeBody({ value, where, specifier }: Filling): boolean {
  return !specifier && guarded(where, () => standsForMessages(value));
}

function spliceMessages(messages: Message[], fillings: readonly (string | Filling)[], single: boolean): void {
  for (const filling of fillings) {
    if (typeof filling === "string") continue;
    const { value, where } = filling;
    for (const message of guarded(where, () => asMessages(value, where, single))) messages.push(message);
  }
}

function pushMessage(messages: Message[], role: Message["role"], fillings: readonly (string | Filling)[]): void {
  const rendered = body();
  for (const filling of fillings) {
    if (typeof filling === "string") rendered.literal(filling);
    else put(filling, rendered);
  }
  const content = rendered.content();
  if (content !== undefined) messages.push({ role, content });
}

function put({ value, where, specifier, options = {} }: Filling, into: Body): void {
  guarded(where, () => (specifier ? specifier.put(value, into, where, options) : putValue(value, into, where)));
}
