import type { Part } from "../content.js";

/** What a section renders to, as it grows. */
export interface Body {
  /** Text of the template itself; next to a part it loses its white space. */
  literal(text: string): void;
  /** Text of a value, kept as it is. */
  value(text: string): void;
  /** A part of its own; a text part is not merged with the text around it. */
  part(part: Part): void;
  /** Undefined where nothing was rendered but white space of the template and cache points. */
  content(): string | readonly Part[] | undefined;
}

export function body(): Body {
  const parts: Part[] = [];
  // A run of text: what spans its values stands firm, the literal text at either end may be trimmed.
  let head = "";
  let firm = "";
  let tail = "";

  const endRun = (before: boolean, after: boolean) => {
    const start = before ? head.trimStart() : head;
    const end = firm === "" ? start : tail;
    const text = (firm === "" ? "" : start + firm) + (after ? end.trimEnd() : end);
    if (text.trim() !== "") parts.push({ type: "text", text });
    head = "";
    firm = "";
    tail = "";
  };

  return {
    literal(text) {
      if (firm === "") head += text;
      else tail += text;
    },
    value(text) {
      if (text === "") return;
      firm += tail + text;
      tail = "";
    },
    part(part) {
      if (part.type === "text" && part.text === "") return;
      endRun(parts.length > 0, true);
      parts.push(part);
    },
    content() {
      if (parts.length === 0) return firm === "" && head.trim() === "" ? undefined : head + firm + tail;
      endRun(true, false);
      return parts.every((part) => part.type === "cache-point") ? undefined : parts;
    },
  };
}
