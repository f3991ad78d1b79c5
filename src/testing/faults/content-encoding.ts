import { pipeline, Readable, type Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import type { TcpStep, WireAnswer, WireReply } from "../reply.js";
import { unknownLength } from "./begin.js";

/** Compressed, though nobody asked for it, as proxies do: a success. */
export function gzip(): WireReply {
  return { tcp: (answer) => compressed(answer, "gzip", createGzip({ flush: constants.Z_SYNC_FLUSH })) };
}

/** Compressed by Brotli, though nobody asked for it: a success. */
export function brotli(): WireReply {
  const flush = constants.BROTLI_OPERATION_FLUSH;
  return { tcp: (answer) => compressed(answer, "br", createBrotliCompress({ flush })) };
}

/** Compressed, with all after gzip's own header destroyed: `StreamInterruptedError`; of a plain answer `ConnectionError`, after the retries. */
export function corruptGzip(): WireReply {
  return {
    async *tcp(answer) {
      let intact = gzipHeaderBytes;
      for await (const step of compressed(answer, "gzip", createGzip({ flush: constants.Z_SYNC_FLUSH }))) {
        if (typeof step !== "object" || !("chunk" in step)) yield step;
        else {
          const chunk = Buffer.from(step.chunk as Uint8Array);
          yield { chunk: chunk.fill(0xff, Math.min(intact, chunk.length)) };
          intact = Math.max(0, intact - chunk.length);
        }
      }
    },
  };
}

const gzipHeaderBytes = 10;

/** The header `content-encoding` names what nobody knows, as if the body were in it: `UnexpectedResponseError`, without a retry. */
export function encoding(name = "x"): WireReply {
  return { headers: { "content-encoding": name } };
}

async function* compressed(answer: WireAnswer, name: string, compressor: Transform): AsyncGenerator<TcpStep> {
  yield { head: { ...unknownLength, "content-encoding": name } };
  const texts = (async function* () {
    for await (const { text } of answer.body()) yield Buffer.from(text);
  })();
  // Whoever reads the compressor gets the error.
  pipeline(Readable.from(texts), compressor, () => {});
  for await (const chunk of compressor) yield { chunk };
}
