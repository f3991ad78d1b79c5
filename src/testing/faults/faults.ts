import { cut, truncate } from "./broken-off.js";
import { hangUp, reset, silence, slowHeaders } from "./connection.js";
import { brotli, corruptGzip, encoding, gzip } from "./content-encoding.js";
import { badChunkSize, extraBytes, missingLastChunk } from "./http-framing.js";
import { oddChunks } from "./odd-chunks.js";
import { drip, flood, linger, pings, stall } from "./pace.js";
import { overloaded, quota, redirect } from "./refusals.js";
import { hugeEvent, noNewline } from "./size.js";
import { invalidUtf8, lineEndings } from "./spelling.js";
import { empty, html, malformedJson, wrongType } from "./wrong-body.js";

/**
 * Replies for `wireServer()` that go wrong in the ways in which networks, proxies and providers do, on all wires, plain
 * and streamed. What the answer says is given beside the fault: `{ ...faults.stall({ after: 1 }), text: "Once upon" }`.
 */
export const faults = {
  reset,
  hangUp,
  silence,
  slowHeaders,
  stall,
  pings,
  drip,
  flood,
  linger,
  truncate,
  cut,
  overloaded,
  quota,
  redirect,
  badChunkSize,
  missingLastChunk,
  extraBytes,
  gzip,
  brotli,
  corruptGzip,
  encoding,
  html,
  empty,
  malformedJson,
  wrongType,
  hugeEvent,
  noNewline,
  invalidUtf8,
  lineEndings,
  oddChunks,
} as const;
