import { TemplateError } from "../../src/errors.js";
import { parseTag, parseTemplate } from "../../src/template/grammar.js";
import { renderTag, renderTemplate } from "../../src/template/render.js";

/** The messages of a template string, with its variables. */
export const render = (text: string, variables?: unknown, self?: unknown) =>
  renderTemplate(parseTemplate(text), { variables, self });

/** The messages of a tag. */
export const tag = (strings: TemplateStringsArray, ...values: unknown[]) => renderTag(parseTag(strings), values);

/** The error that `run` throws; fails the test where it is another one or none. */
export function templateError(run: () => unknown): TemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

export const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
export const wav = new TextEncoder().encode("RIFF....WAVEfmt ");
export const pdf = new TextEncoder().encode("%PDF-1.7 ...");
