import { own } from "../../own.js";
import type { WireReply } from "../reply.js";
import type { EveryMs } from "./begin.js";

/** The connection is reset (RST) before any byte of the answer: `ConnectionError`, after the retries. */
export function reset(): WireReply {
  return { drop: "reset" };
}

/** The connection is closed (FIN) before any byte of the answer: `ConnectionError`, after the retries. */
export function hangUp(): WireReply {
  return { drop: "end" };
}

/** The request is taken and never answered: `TimeoutError`, of a stream by `firstEventMs`, else by `totalMs`. */
export function silence(): WireReply {
  return { delayMs: Number.POSITIVE_INFINITY };
}

/** The headers come byte by byte and never end: `TimeoutError`, of a stream by `firstEventMs`, else by `totalMs`. */
export function slowHeaders(options: EveryMs = {}): WireReply {
  const { everyMs = 30 } = own(options);
  return {
    *tcp() {
      for (const byte of "HTTP/1.1 200 OK\r\n") {
        yield byte;
        yield { waitMs: everyMs };
      }
      for (let count = 1; ; count++) {
        for (const byte of `x-slow-${count}: yes\r\n`) {
          yield byte;
          yield { waitMs: everyMs };
        }
      }
    },
  };
}
