import type { Socket } from "node:net";
import type * as Undici from "undici";
import type { buildConnector, Dispatcher } from "undici";
import type { Connecting } from "./connecting.js";
import type { TransportOptions } from "./transport.js";
import { tunnelPool } from "./tunnel.js";

/** Keeps the connections of a transport, through a proxy where there is one. */
export function createDispatcher(
  undici: typeof Undici,
  { connections, connectMs, proxy }: TransportOptions,
  connecting: Connecting,
): Dispatcher {
  const options = {
    connect: givingUpConnector(undici, connectMs, connecting),
    // Time limits are the attempt's.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(connections !== undefined && { connections }),
  };
  if (!proxy) return new undici.Agent(options);
  const tls = { timeout: connectMs };
  return new undici.EnvHttpProxyAgent({
    ...options,
    // All is said, so that undici looks for nothing in the environment of a later time.
    httpProxy: proxy.origin,
    httpsProxy: proxy.origin,
    noProxy: proxy.noProxy,
    ...(proxy.authorization !== undefined && { token: proxy.authorization }),
    proxyTls: tls,
    requestTls: tls,
    clientFactory: (url, settings) => tunnelPool(undici, url, settings, connectMs),
  });
}

function givingUpConnector(undici: typeof Undici, connectMs: number, connecting: Connecting): buildConnector.connector {
  // It gives the socket at once, which undici's types do not say.
  const connect = undici.buildConnector({ timeout: connectMs }) as (
    ...args: Parameters<buildConnector.connector>
  ) => Socket;
  return (options, callback) => {
    const begun = connect(options, (...result) => {
      connecting.delete(begun);
      callback(...result);
    });
    connecting.add(begun);
    return begun;
  };
}
