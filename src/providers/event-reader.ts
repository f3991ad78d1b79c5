import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { ProviderError } from "../errors.js";
import { textDecoder } from "../transport/decode-text.js";
import { overLimit } from "../transport/limits.js";
import { failureOfEvent } from "./failure/failure-in.js";

/** Reads server-sent events out of the chunks of a body. */
export interface EventReader {
  /**
   * Whether the body is an event stream, by how it begins; undefined while there is nothing but white space. The
   * content-type does not decide, since some servers send streams as `application/json` or `text/html`.
   */
  readonly isStream: boolean | undefined;
  read(chunk: Uint8Array): void;
  /** The body ended. Throws if it was not an event stream, of which nothing can be said to be cut off. */
  end(): void;
}

interface EventTarget {
  decode(event: EventSourceMessage): void;
  readonly done: boolean;
}

/** The data of the event that ends a stream of OpenAI's, as decoders get it. */
export const doneMark = "[DONE]";

/** How much of the body is kept that may not be an event stream: enough for the JSON of an error. */
const keptChars = 65_536;

/** Lines that are not fields are left out by the standard; but each costs an error, and a body with more than these is not an event stream. */
const spareLines = 1000;

/** How an event stream begins: with a comment or a field. */
const streamStart = /^\s*(:|(data|event|id|retry)\b)/;

/** How JSON and pages begin. */
const documentStart = /^\s*[{[<]/;

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
  let isStream: boolean | undefined;
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
      const read = event.data.charCodeAt(0) === openBrace ? event : unframed(event);
      if (read) target.decode(read);
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
  let endedInLine = false;

  /** Returns the kept beginning of a body in which there was no event yet, and looks at what it is. */
  function keep(before: string, text: string): string {
    if (isStream === undefined && text.trim() !== "") isStream = !documentStart.test(text);
    const kept = before.length < keptChars ? before + text.slice(0, keptChars) : before;
    if (isStream === false && kept.length >= keptChars) throw refuse(kept, "is no event stream");
    return kept;
  }

  return {
    get isStream() {
      return isStream;
    },
    read(chunk) {
      let text = decode(chunk);
      if (text === "") return;
      if (beginning !== undefined) beginning = keep(beginning, text);
      if (isStream === false) return;
      // The parser waits for what follows a CR, since it may be an LF; but a CR ends the line, and nothing may follow.
      if (endedInCr && text.startsWith("\n")) text = text.slice(1);
      endedInCr = text.endsWith("\r");
      endedInLine = endedInCr || text.endsWith("\n");
      // It also looks for both kinds of line ends anew for every line, which takes as long as the text squared.
      const before = events;
      parser.feed(text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
      waiting = events > before ? 0 : waiting + text.length;
      if (waiting > maxEventChars) throw tooLong();
    },
    end() {
      // The last line may lack its end, such as one that reports an error. An event that lacks its blank line is not whole.
      if (!endedInLine && isStream) parser.feed("\n");
      if (beginning === undefined || streamStart.test(beginning)) return;
      throw refuse(beginning, beginning.trim() === "" ? "is empty" : "is no event stream");
    },
  };
}

const openBrace = 0x7b;

/**
 * An event whose data does not begin as JSON does: undefined if it holds nothing, as the heartbeats of some proxies do.
 * Others write `[DONE]` with blanks or quotes around it, or `data:` twice.
 */
function unframed(event: EventSourceMessage): EventSourceMessage | undefined {
  const data = event.data.replace(/^\s*(data:\s*)*/, "").trimEnd();
  if (data === "" || data === "null") return undefined;
  return /^"?\[done\]"?$/i.test(data) ? { ...event, data: doneMark } : { ...event, data };
}
