import { own } from "../../own.js";
import type { WireReply } from "../reply.js";
import { type After, begin, dividedAtText } from "./begin.js";

/**
 * The answer ends too early, and the connection is closed in order: a stream without its terminator, a plain body
 * shorter than its `content-length`. `StreamInterruptedError` with its `partial`; of a plain answer `ConnectionError`,
 * after the retries.
 */
export function truncate(
  options: After & {
    /**
     * Where the end is: between two events, within the line of an event, or within a character, which is four bytes long.
     *
     * @default "event"
     */
    readonly at?: "event" | "line" | "character";
  } = {},
): WireReply {
  const { after = 2, at = "event" } = own(options);
  return {
    async *tcp(answer) {
      // A plain answer is a single piece: its beginning would be sent twice.
      const begun = yield* begin(answer, answer.streamed || at === "event" ? after : 0);
      if (at === "event") return;
      const [before] = dividedAtText(await begun.next());
      if (at === "line") yield { chunk: before };
      else yield { chunk: Buffer.concat([Buffer.from(before), balloon.subarray(0, 2)]) };
    },
  };
}

const balloon = Buffer.from("🎈");

/**
 * The connection breaks in mid-answer, by RST or by FIN, without an end of the body: `StreamInterruptedError` with its
 * `partial`; of a plain answer `ConnectionError`, after the retries.
 */
export function cut(
  options: After & {
    /**
     * By RST or by FIN.
     *
     * @default "reset"
     */
    readonly how?: "reset" | "end";
  } = {},
): WireReply {
  const { after = 2, how = "reset" } = own(options);
  return {
    async *tcp(answer) {
      yield* begin(answer, after);
      yield { close: how };
    },
  };
}
