import { type Duplex, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { ReceivedBody } from "./received-body.js";

/**
 * A body in clear; undefined where nothing here can decode it. Nobody asks for compression, but proxies compress
 * unasked.
 */
export function decoded(body: ReceivedBody, encoding: string | null): ReceivedBody | Readable | undefined {
  const name = (encoding ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") return body;
  const decoder = decoders.get(name)?.();
  if (!decoder) return undefined;
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
