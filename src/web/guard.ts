import { ConfigurationError } from "../errors.js";
import { own } from "../own.js";
import { parseHost } from "./host.js";
import { isLoopbackAddress, localAddressOf } from "./local-address.js";
import { RequestError } from "./public-error.js";

export interface GuardOptions {
  /**
   * What clients must send as `authorization: Bearer …`.
   *
   * @default none is asked for
   */
  readonly apiKey?: string;
  /**
   * The names by which the endpoint may be addressed, such as `"llm.example.com"`; `"any"` for all.
   *
   * @default "any" with an apiKey, over https, and where the server is known to listen beyond this machine; otherwise
   * `localhost`, `127.…` and `[::1]`, since a page of another site can give its own name to an address of your machine
   */
  readonly hosts?: readonly string[] | "any" | undefined;
  /** Origins, such as `"https://app.example.com"`, whose pages may ask. @default none */
  readonly cors?: readonly string[] | undefined;
}

/** Decides who may ask. */
export interface Guard {
  /** @throws RequestError with 403 for a foreign host or origin. */
  checkAddress(request: Request): void;
  /** @throws RequestError with 401. */
  checkKey(request: Request): Promise<void>;
  /** What a page of an origin that is allowed needs to read the answer. */
  corsHeaders(request: Request): Readonly<Record<string, string>> | undefined;
}

/**
 * @throws ConfigurationError for a key that is empty (taken for none, it would open the endpoint to all), and for a host
 * or an origin that no request could have.
 */
export function createGuard(options: GuardOptions): Guard {
  const { apiKey, hosts, cors = [] } = own(options);
  if (Object.hasOwn(options, "apiKey") && !apiKey)
    throw new ConfigurationError(
      "apiKey is empty. Set the variable that it comes from, or leave the option out to ask for no key.",
    );
  const names = hosts === "any" ? undefined : hosts?.map(readName);
  const origins = cors.map(readOrigin);

  return {
    checkAddress(request) {
      const given = request.headers.get("host");
      const address = parseHost(given ?? new URL(request.url).host);
      const { hostname = "" } = address ?? {};
      if (
        names ? !address || !(names.includes(hostname) || names.includes(address.host)) : isRebound(request, hostname)
      )
        throw forbidden("This endpoint is not served under this name. Its owner can allow it: handler(…, { hosts }).");
      const origin = request.headers.get("origin");
      if (origin === null || !isLoopback(hostname) || origins.includes(origin)) return;
      if (!isLoopback(URL.canParse(origin) ? new URL(origin).hostname : ""))
        throw forbidden("Pages of this origin may not ask. The owner can allow it: handler(…, { cors }).");
    },

    async checkKey(request) {
      if (apiKey === undefined) return;
      const [, token] = /^Bearer\s+(.+)$/i.exec(request.headers.get("authorization")?.trim() ?? "") ?? [];
      if (token !== undefined && isEqual(await digest(token), await digest(apiKey))) return;
      const message = token === undefined ? "Send a key as authorization: Bearer …" : "The key is not valid.";
      throw new RequestError(401, "invalid_api_key", message, { headers: own({ "www-authenticate": "Bearer" }) });
    },

    corsHeaders(request) {
      if (origins.length === 0) return undefined;
      const origin = request.headers.get("origin");
      if (origin === null || !origins.includes(origin)) return { vary: "origin" };
      return {
        vary: "origin",
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "x-request-id, retry-after, x-should-retry",
      };
    },
  };

  /** Whether a stranger may have pointed a name of theirs at this machine. */
  function isRebound(request: Request, hostname: string): boolean {
    if (hosts !== undefined || apiKey !== undefined || isLoopback(hostname)) return false;
    // A request without the header came over no network; a name with a certificate is the server's own.
    if (!request.headers.has("host") || new URL(request.url).protocol === "https:") return false;
    const address = localAddressOf(request);
    return address === undefined || isLoopbackAddress(address);
  }
}

function readName(name: string): string {
  if (parseHost(name) && !name.includes("*")) return name.toLowerCase();
  throw new ConfigurationError(
    `hosts holds ${JSON.stringify(name)}, which is no name such as "llm.example.com". For all names, give hosts: "any".`,
  );
}

function readOrigin(origin: string): string {
  if (origin === "null" || /^[a-z][a-z\d+.-]*:\/\/[^/?#\s*]+$/i.test(origin)) return origin.toLowerCase();
  throw new ConfigurationError(
    `cors holds ${JSON.stringify(origin)}, which is no origin such as "https://app.example.com". List each, without a path.`,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "[::1]" || /^(.+\.)?localhost$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname);
}

function forbidden(message: string): RequestError {
  return new RequestError(403, "forbidden", message);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Takes as long for keys that are nearly right as for any other. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= (a[index] as number) ^ (b[index] as number);
  return difference === 0;
}
