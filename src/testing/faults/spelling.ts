import type { WireReply } from "../reply.js";
import { changed, dividedAtText } from "./begin.js";

/** Before the first text stands a byte that is no UTF-8: a success, with U+FFFD in its place. */
export function invalidUtf8(): WireReply {
  return {
    tcp(answer) {
      let done = false;
      return changed(answer, ({ text, isDelta }) => {
        if (done || !isDelta) return [text];
        done = true;
        const [before, behind] = dividedAtText(text);
        return [Buffer.concat([Buffer.from(before), Buffer.of(0xff), Buffer.from(behind)])];
      });
    },
  };
}

/**
 * The lines end in CRLF, in CR, or each in another way, and each event is divided just before its last byte: a success.
 * A plain body is given lines.
 */
export function lineEndings(style: "crlf" | "cr" | "mixed" = "crlf"): WireReply {
  const endings = endingsOf[style];
  return {
    tcp(answer) {
      let count = 0;
      return changed(answer, ({ text }) => {
        const lines = answer.streamed ? text : JSON.stringify(JSON.parse(text), null, 2);
        const spelled = lines.replace(/\n/g, () => endings[count++ % endings.length] ?? "");
        return [spelled.slice(0, -1), spelled.slice(-1)];
      });
    },
  };
}

// An LF never follows a CR that ends a line of its own, or the two would be one ending.
const endingsOf = { crlf: ["\r\n"], cr: ["\r"], mixed: ["\r", "\r\n", "\n"] };
