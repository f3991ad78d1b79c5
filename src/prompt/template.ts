import { type AnyClass, type AnyFunction, decorate } from "../decorate.js";
import { parseTemplate } from "../template/grammar.js";
import { renderTemplate } from "../template/render.js";
import type { CheckArgs, CheckTemplate } from "../template/types.js";
import { BasePrompt, classTemplate } from "./base-prompt.js";
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
  const template = source === undefined ? undefined : parseTemplate(source);

  const fill = (body: AnyFunction): AnyFunction =>
    async function (this: unknown, ...args: unknown[]) {
      const { messages, config } = readPromptValue(await body.apply(this, args));
      if (messages || !template) return new Prompt(messages, config);
      return new Prompt(
        renderTemplate(template, { variables: args[0], self: this, computed: config.computed }),
        config,
      );
    };

  return ((...args: unknown[]) =>
    decorate(
      {
        label: "@promptTemplate",
        // Above @call, the function is the call already, and the template belongs below it.
        wrap: (fn) => callFacts.of(fn)?.withBody(fill) ?? fill(fn),
        isClass: (target) => target.prototype instanceof BasePrompt,
        onClass(target: AnyClass) {
          if (template) classTemplate.set(target, { source: source as string, template });
        },
      },
      args,
    )) as TemplateDecorator<T>;
}
