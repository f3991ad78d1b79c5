import { ConfigurationError } from "../errors.js";
import type { Access } from "../model.js";
import { readEnvironment } from "./environment.js";

/**
 * The key for a provider: given, or from the environment at the time of the call.
 *
 * @throws ConfigurationError that names the variable, and never shows the key.
 */
export function apiKeyOf(provider: string, access: Access, variable: string): string {
  const apiKey = access.apiKey ?? readEnvironment(variable);
  if (!apiKey)
    throw new ConfigurationError(`No API key for ${provider}. Set ${variable}, or pass apiKey.${tryOut(provider)}`);
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new ConfigurationError(
      `The API key for ${provider} holds a space, a line break or a character that no header may hold. Check ${access.apiKey ? "apiKey" : variable}.`,
    );
  return apiKey;
}

/** `callwright mock` speaks the wires of these two. */
function tryOut(provider: string): string {
  if (provider !== "openai" && provider !== "anthropic") return "";
  return " To try it without a key, run `npx callwright mock` and set the variables that it prints.";
}

/**
 * The address of a provider, without a slash at the end of its path: given, or from the environment at the time of the call.
 *
 * @throws ConfigurationError where there is none, it is no http(s) URL, or the environment would have the key of a
 * provider with https sent in the clear.
 */
export function baseUrlOf(
  provider: string,
  access: Access,
  variable: string | undefined,
  otherwise: string | undefined,
): string {
  const given = access.baseURL ?? ((variable && readEnvironment(variable)) || otherwise);
  if (given === undefined)
    throw new ConfigurationError(
      `No address for ${provider}, where everyone has one of their own. Set ${variable}, or pass baseURL.`,
    );
  const address = parseAddress(given);
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new ConfigurationError(
      `The base URL of ${provider} must start with http:// or https://. Check ${access.baseURL === undefined ? variable : "baseURL"}.`,
    );
  }
  // They would take the place of the key.
  if (address.username || address.password) {
    throw new ConfigurationError(
      `The base URL of ${provider} holds a user name or a password, which are not sent. Pass apiKey, or headers: { authorization: "Basic …" }. Check ${access.baseURL === undefined ? variable : "baseURL"}.`,
    );
  }
  const downgraded = otherwise?.startsWith("https:") && address.protocol === "http:" && !isLoopback(address.hostname);
  if (downgraded && access.baseURL === undefined) {
    throw new ConfigurationError(
      `${variable} would send the API key of ${provider} over plain http:// to another machine. Use https://, or pass baseURL in code where that is meant.`,
    );
  }
  return `${address.origin}${address.pathname.replace(/\/+$/, "")}${address.search}`;
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

// Each call brings the address of the one before it, and parsing takes longer than all that is done with it.
const addresses = new Map<string, URL>();
const maxAddresses = 64;

export function parseAddress(address: string): URL | undefined {
  const known = addresses.get(address);
  if (known || !URL.canParse(address)) return known;
  if (addresses.size >= maxAddresses) addresses.clear();
  const parsed = new URL(address);
  addresses.set(address, parsed);
  return parsed;
}
