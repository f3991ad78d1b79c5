import { createTransport } from "#transport";
import { BoundedMap } from "../bounded-map.js";
import { CallwrightError, ConfigurationError } from "../errors.js";
import type { Access, Model, ModelRequest } from "../model.js";
import { namesSecret } from "../redact.js";
import { type Attempt, attemptKey, defaultTimeouts } from "../transport/attempt.js";
import { type SendInit, type Transport, type TransportOptions, unreachable } from "../transport/transport.js";
import { longestTimer } from "../wait.js";
import { parseAddress } from "./access.js";
import { proxyOf, proxyVariablesFor } from "./proxies.js";

/** A model that can close the connections which it shares with all calls of its endpoint and key. */
export interface ProviderModel extends Model {
  close?(): Promise<void>;
  /** Loads what its requests need, and sends nothing. */
  warmUp?(): Promise<void>;
}

interface Entry {
  /** Provider, address and key. */
  readonly endpoint: string;
  readonly client: Promise<unknown>;
  readonly transport: Promise<Transport | undefined>;
}

/** What a client is made from; two calls with the same have the same client. */
export interface ClientOptions {
  readonly apiKey: string;
  /** Without a query, behind which the SDKs would put their paths. */
  readonly baseURL: string;
  readonly defaultQuery: Record<string, string>;
  readonly fetch: typeof globalThis.fetch;
}

// More endpoints and keys than this at once are keys that rotate; the longest unused client goes.
const maxClients = 64;
const clients = new BoundedMap<string, Entry>(maxClients);
const fetchNumbers = new WeakMap<object, number>();
let fetches = 0;

/**
 * The client of an endpoint and key. Clients are kept, and their connections with them, so that a call pays for
 * neither.
 */
export function clientOf<Client>(
  provider: string,
  access: Access & { readonly apiKey: string; readonly baseURL: string },
  request: ModelRequest,
  create: (options: ClientOptions) => Promise<Client>,
): Promise<Client> {
  const { apiKey, baseURL, connections } = access;
  request.context?.onEndpoint?.(`${provider} ${baseURL}`);
  request.context?.onProgress?.("preparing");
  const connectMs = request.context?.timeouts?.connectMs ?? defaultTimeouts.connectMs;
  const endpoint = endpointKey(provider, baseURL, apiKey);
  const proxy = access.fetch ? undefined : proxyVariablesFor(baseURL);
  const carrier = access.fetch ? numberOf(access.fetch) : `${proxy?.url} ${proxy?.noProxy}`;
  const key = `${endpoint} ${connections} ${connectMs} ${carrier}`;
  const known = clients.get(key);
  if (known) return known.client as Promise<Client>;
  const options = { connections, connectMs, proxy: proxy && proxyOf(proxy) };
  const entry = createEntry(provider, endpoint, access, options, create);
  clients.set(key, entry);
  entry.client.catch(() => clients.delete(key));
  return entry.client as Promise<Client>;
}

function createEntry<Client>(
  provider: string,
  endpoint: string,
  { apiKey, baseURL, fetch: custom }: Access & { readonly apiKey: string; readonly baseURL: string },
  options: TransportOptions,
  create: (options: ClientOptions) => Promise<Client>,
): Entry {
  const transport = custom ? Promise.resolve(undefined) : createTransport(options);
  const { origin, pathname, searchParams } = parseAddress(baseURL) as URL;
  const address = {
    baseURL: `${origin}${pathname.replace(/\/$/, "")}`,
    defaultQuery: Object.fromEntries(searchParams),
  };
  const client = transport.then(async (made) => {
    try {
      return await create({
        apiKey,
        ...address,
        fetch: observed(custom ? watched(custom) : (made as Transport).fetch),
      });
    } catch (error) {
      throw CallwrightError.isInstance(error) ? error : clientRefused(provider, error);
    }
  });
  return { endpoint, client, transport };
}

/** The vendors' SDKs refuse to run in a browser, where everyone could read the key. */
function clientRefused(provider: string, cause: unknown): ConfigurationError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const why = /browser/i.test(message)
    ? "Its SDK refuses to run in a browser or jsdom, because the page would expose the API key. Make the call on a server, or in Node's test environment; to call a proxy of yours from the page, pass client: new OpenAI({ dangerouslyAllowBrowser: true, … })."
    : message;
  return new ConfigurationError(`The client for ${provider} could not be created. ${why}`, { cause });
}

/** Notes what the SDKs do not tell: that a request goes out, and the body of a failed answer, of which they keep what they know. */
function observed(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (url, init?: SendInit) => {
    const attempt = init?.[attemptKey];
    if (attempt) attempt.wasHandedOver = true;
    attempt?.handOver();
    const response = await fetch(url, init);
    attempt?.watchBody();
    if (attempt && response.status >= 400) {
      const text = response.text.bind(response);
      Reflect.set(response, "text", async () => {
        attempt.errorText = await text();
        return attempt.errorText;
      });
    }
    return response;
  };
}

/** A fetch of the user's own. The SDKs take what smells of a time-out for their own, so what broke is kept beforehand. */
function watched(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (url, init?: SendInit) => {
    try {
      return await fetch(url, init);
    } catch (error) {
      init?.[attemptKey]?.fail(CallwrightError.isInstance(error) ? error : unreachable(String(url), error));
      throw error;
    }
  };
}

/** Closes the connections to an endpoint; requests under way are finished first, and later ones open new connections. */
export async function closeClients(
  provider: string,
  access: { readonly apiKey: string; readonly baseURL: string },
): Promise<void> {
  const endpoint = endpointKey(provider, access.baseURL, access.apiKey);
  const closing = [...clients].filter(([, entry]) => entry.endpoint === endpoint);
  for (const [key] of closing) clients.delete(key);
  await Promise.all(closing.map(async ([, { transport }]) => (await transport)?.close()));
}

function endpointKey(provider: string, baseURL: string, apiKey: string): string {
  return `${provider} ${baseURL} ${apiKey}`;
}

function numberOf(fetch: object): number {
  const known = fetchNumbers.get(fetch) ?? ++fetches;
  fetchNumbers.set(fetch, known);
  return known;
}

/** Options of one request to either SDK: its retries are off, its time-out is out of the way, and the attempt goes along. */
export function sendOptions(attempt: Attempt, request: ModelRequest, access: Access) {
  attempt.secrets = () => secretsOf(access, request.params?.headers ?? {});
  const foreign = access.client !== undefined || access.fetch !== undefined;
  if (access.client === undefined) attempt.wasHandedOver = false;
  else attempt.handOver();
  return {
    // Our transport hears from the attempt itself.
    ...(foreign && { signal: attempt.signal }),
    maxRetries: 0,
    timeout: longestTimer,
    // Our transport follows no redirect; a client or a fetch of the user's own must be told.
    fetchOptions: { [attemptKey]: attempt, redirect: "manual" } as Record<string, unknown>,
    ...(request.params?.headers && { headers: checkHeaders(request.params.headers) }),
  };
}

/** What a request authenticates with; a client of the user's own shows its key. */
function secretsOf({ apiKey, baseURL, client }: Access, headers: Readonly<Record<string, string>>): string[] {
  const theirs = (client ?? {}) as {
    readonly apiKey?: unknown;
    readonly authToken?: unknown;
    readonly baseURL?: unknown;
  };
  const address = parseAddress(String(baseURL ?? theirs.baseURL));
  const named = [...Object.entries(headers), ...(address?.searchParams ?? [])].filter(([name]) => namesSecret(name));
  const carried = [apiKey, theirs.apiKey, theirs.authToken, ...named.map(([, value]) => value)];
  // A header is shown without its scheme too.
  return carried.flatMap((each) => (typeof each === "string" ? [each, ...each.split(" ").slice(1)] : []));
}

/** For the SDKs' own options: with a logger of theirs, a variable in the environment would print prompts. */
export const silent = { error() {}, warn() {}, info() {}, debug() {} };

function checkHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    // Where headers are put together, the last one would be lost without a word.
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || name === "__proto__")
      throw new ConfigurationError(`No header may be named ${JSON.stringify(name.slice(0, 80))}.`);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(String(value))) {
      throw new ConfigurationError(
        `The header ${JSON.stringify(name.slice(0, 80))} holds a character that no header may hold.`,
      );
    }
  }
  return { ...headers };
}
