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
 * The proxy for an address: `https_proxy` for https, `http_proxy` for http, in small letters before capitals, as curl
 * reads them. This machine itself is never asked through a proxy, whose own loopback is another.
 */
export function proxyVariablesFor(baseURL: string): ProxyVariables | undefined {
  const name = baseURL.startsWith("https:") ? "https_proxy" : "http_proxy";
  const variable = [name, name.toUpperCase()].find((spelling) => readEnvironment(spelling));
  if (variable === undefined || isLoopback(parseAddress(baseURL)?.hostname ?? "")) return undefined;
  return {
    variable,
    url: readEnvironment(variable) ?? "",
    noProxy: readEnvironment("no_proxy") || readEnvironment("NO_PROXY") || "",
  };
}

/** @throws ConfigurationError that names the variable, and never shows the URL, which may hold a password. */
export function proxyOf({ variable, url, noProxy }: ProxyVariables): ProxySettings {
  const spelled = url.includes("://") ? url : `http://${url}`;
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
