import { type Duplex, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { ReceivedBody } from "./received-body.js";

/** A body in clear. Nobody asks for compression here, but proxies compress unasked. */
export function decoded(body: ReceivedBody, encoding: string | null): ReceivedBody | Readable {
  const decoder = decoders.get((encoding ?? "").trim().toLowerCase())?.();
  if (!decoder) return body;
  decoder.on("close", () => body.destroy());
  // Whoever reads gets the error; nobody may be reading yet.
  decoder.on("error", () => {});
  Readable.from(body, { objectMode: false })
    .on("error", (error) => decoder.destroy(error))
    .pipe(decoder);
  return decoder;
}

const decoders = new Map<string, () => Duplex>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/** For the SDKs, which read the bodies of errors. */
export const textOf: (body: ReceivedBody | Readable) => Promise<string> = text;
