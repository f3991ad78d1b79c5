import { visible } from "../../visible.js";

export { visible };

/** HTML that may stand in a page as it is. */
export interface Html {
  readonly html: string;
}

type Value = Html | readonly Html[] | string | number | undefined;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A piece of a page. Whatever is put into it is text, unless it was made by this tag itself. */
export function html(literals: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: literals.reduce((all, literal, index) => all + shown(values[index - 1]) + literal) };
}

function shown(value: Value): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((each: Html) => each.html).join("");
  if (typeof value === "object") return (value as Html).html;
  return visible(String(value)).replace(/[&<>"']/g, (character) => entities[character] as string);
}
