import { base64 } from "../content.js";
import type { Model, ModelRequest } from "../model.js";
import { isBytes } from "../realm.js";

// A change of what is kept, or of how a key is made, is another version: nothing older is found.
const version = 1;

/**
 * The key of a request: a hash of all that shapes the answer. Headers, the signal, metadata and what is known of the
 * call's time have no part in it.
 */
export async function cacheKey(model: Model, request: ModelRequest): Promise<string> {
  const { messages, tools, toolChoice, parallelToolCalls, output, params, stream } = request;
  const { headers: _, ...shaping } = params ?? {};
  // Definitions as they are sent: to a model, the order of a schema's fields may mean something.
  const definitions = JSON.stringify([tools, output]);
  const text = encode([model.id, messages, definitions, toolChoice, parallelToolCalls, shaping, stream]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `callwright-${version}-${Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** One text for each value, told apart by types and lengths, so that no border between two values can move. */
function encode(value: unknown): string {
  if (isBytes(value)) return tagged("bytes", base64(value));
  if (Array.isArray(value)) return tagged("list", value.map(encode).join(""));
  if (typeof value !== "object" || value === null) return tagged(typeof value, String(value));
  if ("toJSON" in value && typeof value.toJSON === "function") return encode(value.toJSON());
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return tagged("object", members.map(([name, member]) => tagged("name", name) + encode(member)).join(""));
}

function tagged(type: string, text: string): string {
  return `${type} ${text.length}:${text}`;
}
