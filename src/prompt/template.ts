import { type AnyClass, type AnyFunction, decorate } from "../decorate.js";
import { ConfigurationError } from "../errors.js";
import { parseTemplate } from "../template/grammar.js";
import { renderTemplate } from "../template/render.js";
import type { CheckArgs, CheckTemplate } from "../template/types.js";
import { BasePrompt, templateFact } from "./base-prompt.js";
import { callFacts } from "./call-decorator.js";
import { Prompt } from "./prompt.js";
import { type PromptValue, readPromptValue } from "./value.js";

export interface TemplateDecorator<T extends string> {
  <A extends readonly unknown[]>(
    fn: ((...args: A) => PromptValue | void | Promise<PromptValue | void>) & CheckArgs<T, A>,
  ): (...args: A) => Promise<Prompt>;
  <C extends abstract new (...args: never[]) => BasePrompt>(
    target: C & (C extends abstract new (...args: never[]) => infer I ? CheckTemplate<T, I> : never),
    context?: ClassDecoratorContext,
  ): void;
  <F extends (...args: any[]) => unknown>(
    method: F & CheckArgs<T, Parameters<F>>,
    context: ClassMethodDecoratorContext,
  ): void;
  <F extends (...args: any[]) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<F & CheckArgs<T, Parameters<F>>>,
  ): void;
}

/**
 * Gives a method, a function or a prompt class its template. The variables are the members of the one object argument
 * (`{genre}`), of `this` (`{self.mood}`), or of the class. Without a template, the body says it all.
 *
 * @throws TemplateError with line and column where the template cannot be parsed.
 */
export function promptTemplate<const T extends string = string>(source?: T): TemplateDecorator<T> {
  const given = source === undefined ? undefined : { source, template: parseTemplate(source) };

  const fill = (body: AnyFunction): AnyFunction =>
    async function (this: unknown, ...args: unknown[]) {
      const { messages, config } = readPromptValue(await body.apply(this, args));
      if (messages || !given) return new Prompt(messages, config);
      const scope = { variables: args.at(0), self: this, computed: config.computed };
      return new Prompt(renderTemplate(given.template, scope), config);
    };

  const doors = {
    label: "@promptTemplate",
    wrap(fn: AnyFunction, name: string) {
      if (given) refuseTwice(fn, name);
      // Above @call, the function is the call already, and the template belongs below it.
      const filled = callFacts.of(fn)?.withBody(fill) ?? fill(fn);
      if (given) templateFact.set(filled, given);
      return filled;
    },
    isClass: (target: AnyFunction) => target.prototype instanceof BasePrompt,
    onClass(target: AnyClass) {
      if (!given) return;
      refuseTwice(target, target.name);
      templateFact.set(target, given);
    },
  };
  return ((...args: unknown[]) => decorate(doors, args)) as TemplateDecorator<T>;
}

/** Of two templates, one would be forgotten without a word. */
function refuseTwice(target: object, name: string): void {
  if (templateFact.of(target))
    throw new ConfigurationError(`${name || "The function"} has a template already. Give it one.`);
}
