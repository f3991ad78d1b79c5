import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { ProviderError } from "../errors.js";
import { textDecoder } from "../transport/decode-text.js";
import { overLimit } from "../transport/limits.js";
import { failureOfEvent } from "./failure/failure-in.js";

/** Reads server-sent events out of the chunks of a body. */
export interface EventReader {
  read(chunk: Uint8Array): void;
  /** The body ended. Throws where it was no event stream, of which nothing can be said to be cut off. */
  end(): void;
}

interface EventTarget {
  decode(event: EventSourceMessage): void;
  readonly done: boolean;
}

/** So much of a body that may be no event stream is kept for the error that shows its beginning. */
const shownChars = 16_384;

/** Lines that are no fields are left out by the standard; but each costs an error, and more than these are no event stream. */
const spareLines = 1000;

/** How an event stream begins: with a comment or a field. */
const streamStart = /^\s*(:|(data|event|id|retry)\b)/;

/**
 * Decodes text across the borders of chunks, and events across the borders of texts.
 *
 * @param refuse Makes the error for a body that is something else; `what` goes on after "The answer of …".
 */
export function eventReader(
  provider: string,
  target: EventTarget,
  maxEventChars: number,
  refuse: (text: string, what: string) => ProviderError,
): EventReader {
  const decode = textDecoder();
  const tooLong = () => overLimit(provider, `more than ${maxEventChars} characters in one event`, "maxEventChars");
  // Undefined once there was an event.
  let beginning: string | undefined = "";
  let unknownLines = 0;
  let events = 0;
  /** Characters since the last event; an event of many short lines takes far more memory than its text. */
  let waiting = 0;
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent(event) {
      // What came whole in one chunk was never in the parser's buffer.
      if (event.data.length > maxEventChars) throw tooLong();
      beginning = undefined;
      events++;
      if (target.done) return;
      if (event.event === "error") throw failureOfEvent(provider, event.data);
      target.decode(event);
    },
    onError({ type, field, value }) {
      if (type === "max-buffer-size-exceeded") throw tooLong();
      // How llama.cpp reports a failure. https://github.com/ggml-org/llama.cpp/issues/16104
      if (field === "error" && value?.trim() && !target.done) throw failureOfEvent(provider, value);
      if (type === "unknown-field" && ++unknownLines > spareLines + events)
        throw refuse(beginning ?? "", "is no event stream");
    },
  });
  let endedInCr = false;

  return {
    read(chunk) {
      let text = decode(chunk);
      if (text === "") return;
      // The parser waits for what follows a CR, since it may be an LF; but a CR ends the line, and nothing may follow.
      if (endedInCr && text.startsWith("\n")) text = text.slice(1);
      endedInCr = text.endsWith("\r");
      if (beginning !== undefined && beginning.length < shownChars) beginning += text.slice(0, shownChars);
      // It also looks for both kinds of line ends anew for every line, which takes as long as the text squared.
      const before = events;
      parser.feed(text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
      waiting = events > before ? 0 : waiting + text.length;
      if (waiting > maxEventChars) throw tooLong();
    },
    end() {
      // The last line may lack its end.
      parser.feed("\n");
      if (beginning === undefined || streamStart.test(beginning)) return;
      throw refuse(beginning, beginning.trim() === "" ? "is empty" : "is no event stream");
    },
  };
}
