import type { OpenAI } from "openai";
import { isPlainObject, parseJson } from "../../json.js";
import type { Access } from "../../model.js";
import { requireInstead } from "../../optional-package.js";
import { own } from "../../own.js";
import { apiKeyOf, baseUrlOf, parseAddress } from "../access.js";
import { type ClientOptions, silent } from "../clients.js";
import { readEnvironment } from "../environment.js";
import type { Preset } from "../presets/preset.js";

/**
 * Where the requests to a server go and with which key; an empty one where none is needed.
 *
 * @throws ConfigurationError that names what is missing.
 */
export function endpointOf(preset: Preset, access: Access) {
  const { provider, apiKeyEnv } = preset;
  const apiKey = access.apiKey || apiKeyEnv ? apiKeyOf(provider, access, apiKeyEnv ?? "apiKey") : "";
  const baseURL = baseUrlOf(provider, access, preset.baseUrlEnv, preset.baseURL);
  const path = preset.path ?? (parseAddress(preset.baseURL ?? baseURL)?.pathname ?? "").replace(/\/+$/, "");
  return { ...access, apiKey, baseURL: complete(baseURL, path) };
}

/** An address of a host alone, or of a part of the way, means the API, which the server keeps under a known path. */
function complete(baseURL: string, path: string): string {
  const { origin, pathname, search } = parseAddress(baseURL) as URL;
  return `${path}/`.startsWith(pathname.replace(/\/?$/, "/")) ? `${origin}${path}${search}` : baseURL;
}

/** A client of OpenAI's SDK for a server. */
export async function createOpenai(
  preset: Preset,
  { apiKey, baseURL, defaultQuery, fetch }: ClientOptions,
): Promise<OpenAI> {
  const { OpenAI } = await importSdk();
  const ours = {
    baseURL,
    defaultQuery,
    fetch: readableErrors(fetch),
    maxRetries: 0,
    logger: silent,
    logLevel: "off",
  } as const;
  if (preset.isOpenai) return new OpenAI(own({ ...ours, apiKey }));
  const options = {
    ...ours,
    // The SDK insists on a key; without one of ours, no header bears it.
    apiKey: apiKey || "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    defaultHeaders: ownHeaders(preset, apiKey),
  };
  return new OpenAI(own(options));
}

async function importSdk() {
  try {
    return await import("openai");
  } catch (cause) {
    return requireInstead<typeof import("openai")>("openai", cause);
  }
}

/** The SDK gives the headers of OPENAI_CUSTOM_HEADERS to every client; null takes one away again. */
function ownHeaders({ keyHeader }: Preset, apiKey: string): Record<string, string | null> {
  const meantForOpenai = (readEnvironment("OPENAI_CUSTOM_HEADERS") ?? "")
    .split("\n")
    .filter((line) => line.includes(":"))
    .map((line) => line.slice(0, line.indexOf(":")).trim().toLowerCase());
  return {
    ...Object.fromEntries(meantForOpenai.map((name) => [name, null])),
    authorization: apiKey && !keyHeader ? `Bearer ${apiKey}` : null,
    ...(apiKey && keyHeader && { [keyHeader]: apiKey }),
  };
}

/** Of a failed answer the SDK reads `error` alone. Mistral, vLLM and others tell what is wrong beside it, Google in a list. */
function readableErrors(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (requested, init) => {
    const response = await fetch(requested, init);
    const { ok, status, url, headers } = response;
    if (ok || status < 400) return response;
    // The SDK reads no more of a failed answer than this.
    return { ok, status, url, headers, body: null, text: async () => underError(await response.text()) } as Response;
  };
}

function underError(text: string): string {
  try {
    const told = parseJson(text);
    const error = Array.isArray(told) ? told[0] : told;
    return isPlainObject(error) ? JSON.stringify("error" in error ? error : { error }) : text;
  } catch {
    return text;
  }
}
