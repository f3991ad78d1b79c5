import { fact } from "../decorate.js";
import { ConfigurationError } from "../errors.js";
import { assignFields, declareShape, type FieldClass, type Free, isGathering, shapeOf } from "../fields.js";
import { type Message, user } from "../message.js";
import { isThenable } from "../realm.js";
import { describeIssues } from "../schema/describe-issues.js";
import { namesInShape, validateShape } from "../schema/shape.js";
import type { Shape, ShapeInput, ShapeOutput } from "../schema/standard.js";
import { settled } from "../schema/validate.js";
import { body } from "../template/body.js";
import type { Template } from "../template/grammar.js";
import { renderTemplate } from "../template/render.js";
import { putValue } from "../template/values.js";
import { guarded } from "../template/where.js";
import type { CallDecorator } from "./call-decorator.js";
import { Prompt, spellMessages } from "./prompt.js";
import { type PromptValue, type Reading, readPromptValue, requireMessages } from "./value.js";

type Fields = Readonly<Record<string, unknown>>;

/** The template that `@promptTemplate` gave a class or a function. */
export const templateFact = fact<{ readonly source: string; readonly template: Template }>("template");

/**
 * A prompt as a class: typed, validated fields, and a template, a `prompt()` method, or neither. With neither, one
 * field is rendered as its value, and several as `name: value` lines.
 */
export abstract class BasePrompt {
  /** @throws ConfigurationError with `issues` where the values do not fit the fields. */
  constructor(fields: Fields = {}) {
    if (isGathering(new.target)) return;
    const values = check(new.target, fields);
    // What is left out is there all the same, so that a template can name it; an initialiser may still fill it.
    const all = Object.keys(shapeOf(new.target)).map((name) => [name, undefined]);
    assignFields(this, Object.fromEntries(all));
    assignFields(this, values);
  }

  /** A base class with typed, validated fields. */
  static of<const S extends Shape>(
    shape: S & Free<S, BasePrompt>,
  ): new (
    fields: ShapeInput<S>,
  ) => BasePrompt & ShapeOutput<S> {
    class ShapedPrompt extends BasePrompt {}
    declareShape(ShapedPrompt, shape);
    return ShapedPrompt as never;
  }

  /**
   * Makes an instance that has its fields under any compiler setting.
   *
   * @throws ConfigurationError with `issues` where the values do not fit the fields.
   */
  static from<P extends BasePrompt>(this: new (...args: any[]) => P, fields: Fields): P {
    const instance = new this(fields);
    assignFields(instance, check(this, fields));
    return instance;
  }

  /** What to send, for prompts that no template can say; synchronous. */
  prompt(): PromptValue {
    return new Prompt(undefined);
  }

  /** @throws TemplateError where the prompt cannot be rendered. */
  messages(): readonly Message[] {
    return requireMessages(read(this));
  }

  /** The parts of the prompt, for logs and tests. */
  dump(): { readonly template: string | undefined; readonly messages: readonly Message[]; readonly fields: Fields } {
    return { template: templateOf(this)?.source, messages: this.messages(), fields: fieldsOf(this) };
  }

  /** Sends the prompt with a call decorator, such as `openai.call("gpt-4o-mini")`. */
  async run<R>(call: CallDecorator<R>): Promise<R> {
    return call(() => {
      const { messages, config } = read(this);
      return new Prompt(messages, config);
    })();
  }

  /** The same as `run`. */
  runAsync<R>(call: CallDecorator<R>): Promise<R> {
    return this.run(call);
  }

  /** The text of `messages()`. */
  toString(): string {
    return spellMessages(this.messages());
  }
}

function check(target: FieldClass & { readonly name: string }, fields: Fields): Fields {
  const shape = shapeOf(target);
  const result = settled(validateShape(shape, fields), `A field of ${target.name}`);
  if (!result.issues) return result.value;
  throw new ConfigurationError(
    `The values do not fit the fields of ${target.name}:\n${describeIssues(result.issues, namesInShape(shape))}`,
    {
      issues: result.issues,
    },
  );
}

function fieldsOf(instance: BasePrompt): Fields {
  const names = Object.keys(shapeOf(classOf(instance)));
  return Object.fromEntries(names.map((name) => [name, (instance as unknown as Fields)[name]]));
}

/** Not `instance.constructor`, which a field of that name hides. */
function classOf(instance: BasePrompt): FieldClass & { readonly name: string } {
  return Object.getPrototypeOf(instance).constructor;
}

function templateOf(instance: BasePrompt) {
  for (let each: object | null = classOf(instance); each; each = Object.getPrototypeOf(each)) {
    const known = templateFact.of(each);
    if (known) return known;
  }
  return undefined;
}

function read(instance: BasePrompt): Reading {
  const value: unknown = instance.prompt();
  if (isThenable(value)) {
    value.then(undefined, () => {});
    throw new ConfigurationError(
      `${classOf(instance).name}.prompt() is asynchronous. Await what it needs before, and pass it as a field.`,
    );
  }
  const reading = readPromptValue(value);
  if (reading.messages) return reading;
  const { config } = reading;
  const template = templateOf(instance)?.template;
  const messages = template
    ? renderTemplate(template, { variables: instance, self: instance, computed: config.computed })
    : renderFields(instance);
  return { messages, config };
}

function renderFields(instance: BasePrompt): Message[] {
  const fields = Object.entries(fieldsOf(instance));
  const rendered = body();
  fields.forEach(([name, value], index) => {
    if (fields.length > 1) rendered.literal(`${index > 0 ? "\n" : ""}${name}: `);
    const where = { name: `The field ${name}`, variable: name };
    guarded(where, () => putValue(value, rendered, where));
  });
  const content = rendered.content();
  return content === undefined ? [] : [user(content)];
}
