import type { ModelEvent } from "../model.js";

type Emit = (event: ModelEvent) => void;

/**
 * Holds the first half of a surrogate pair that a server cut between two pieces of text until the second half comes, so
 * that no piece ends in half a character. At the end of the answer it is emitted as it came.
 */
export function wholeCharacters(emit: Emit): Emit {
  const halves = { "text-delta": "", "reasoning-delta": "" };

  function rejoined(event: ModelEvent & { readonly type: keyof typeof halves }): ModelEvent | undefined {
    const text = halves[event.type] + event.text;
    const end = endsInHalf(text) ? text.length - 1 : text.length;
    halves[event.type] = text.slice(end);
    return end > 0 || ("data" in event && event.data !== undefined)
      ? { ...event, text: text.slice(0, end) }
      : undefined;
  }

  function flush(): void {
    if (halves["reasoning-delta"]) emit({ type: "reasoning-delta", text: halves["reasoning-delta"] });
    if (halves["text-delta"]) emit({ type: "text-delta", text: halves["text-delta"] });
  }

  return (event) => {
    if (event.type === "text-delta" || event.type === "reasoning-delta") {
      if (halves[event.type] !== "" || endsInHalf(event.text)) {
        const whole = rejoined(event);
        if (whole) emit(whole);
        return;
      }
    } else if (event.type === "finish") flush();
    emit(event);
  };
}

function endsInHalf(text: string): boolean {
  // NaN for an empty text, which is in no range.
  const code = text.charCodeAt(text.length - 1);
  return code >= 0xd800 && code <= 0xdbff;
}
