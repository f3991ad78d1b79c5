import { ConfigurationError } from "../errors.js";
import type { ProxySettings } from "../transport/transport.js";
import { isLoopback, parseAddress } from "./access.js";
import { readEnvironment } from "./environment.js";

/** What the environment says of proxies at this moment, as it stands there. */
interface ProxyVariables {
  /** The variable that gives the URL, for errors. */
  readonly variable: string;
  readonly url: string;
  readonly noProxy: string;
}

/**
 * The proxy for an address, as undici's `EnvHttpProxyAgent` reads the environment: `https_proxy` for https and, where
 * there is none, `http_proxy`, which carries http; in small letters before capitals.
 *
 * An address of this machine is asked through a proxy of this machine only: another machine's loopback is its own.
 */
export function proxyVariablesFor(baseURL: string): ProxyVariables | undefined {
  const names = baseURL.startsWith("https:") ? ["https_proxy", "http_proxy"] : ["http_proxy"];
  const variable = names.flatMap((name) => [name, name.toUpperCase()]).find((name) => readEnvironment(name));
  if (variable === undefined) return undefined;
  const url = readEnvironment(variable) ?? "";
  if (isLoopback(hostOf(baseURL)) && !isLoopback(hostOf(spelledOut(url)))) return undefined;
  return { variable, url, noProxy: readEnvironment("no_proxy") || readEnvironment("NO_PROXY") || "" };
}

function hostOf(address: string): string {
  return parseAddress(address)?.hostname ?? "";
}

/** Proxies are often given by host and port alone. */
function spelledOut(url: string): string {
  return url.includes("://") ? url : `http://${url}`;
}

/** @throws ConfigurationError that names the variable, and never shows the URL, which may hold a password. */
export function proxyOf({ variable, url, noProxy }: ProxyVariables): ProxySettings {
  const spelled = spelledOut(url);
  const parsed = URL.canParse(spelled) ? new URL(spelled) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new ConfigurationError(`${variable} must be the URL of a proxy, such as http://proxy.example.com:8080.`);
  const { origin, username, password } = parsed;
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return {
    origin,
    noProxy,
    ...(credentials !== ":" && {
      authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials)))}`,
    }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
