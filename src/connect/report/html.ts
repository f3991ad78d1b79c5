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

/** Characters that steer a terminal or turn the direction of a text around are shown, not obeyed. */
export function visible(text: string): string {
  return text.replace(
    steering,
    (character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`,
  );
}

const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
