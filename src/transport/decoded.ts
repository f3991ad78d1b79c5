import type { Duplex, Readable } from "node:stream";
import type { ReceivedBody } from "./received-body.js";

/**
 * A body in clear; undefined where nothing here can decode it. Nobody asks for compression, but proxies compress
 * unasked.
 */
export async function decoded(body: ReceivedBody, encoding: string): Promise<ReceivedBody | Readable | undefined> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return body;
  const method = decoders.get(name);
  if (!method) return undefined;
  // Node's streams take a while to load, and compressed answers are rare.
  const [zlib, { Readable }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  const decoder: Duplex = zlib[method]();
  decoder.on("close", () => body.destroy());
  // Whoever reads gets the error; nobody may be reading yet.
  decoder.on("error", () => {});
  Readable.from(body, { objectMode: false })
    .on("error", (error) => decoder.destroy(error))
    .pipe(decoder);
  return decoder;
}

const decoders = new Map<string, "createGunzip" | "createInflate" | "createBrotliDecompress">([
  ["gzip", "createGunzip"],
  ["x-gzip", "createGunzip"],
  ["deflate", "createInflate"],
  ["br", "createBrotliDecompress"],
]);
