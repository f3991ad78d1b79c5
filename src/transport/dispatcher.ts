import type { Socket } from "node:net";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import type { Connecting } from "./connecting.js";
import type { TransportOptions } from "./transport.js";
import { tunnelPool } from "./tunnel.js";

/** Keeps the connections of a transport, through a proxy where there is one. */
export function createDispatcher(
  { connections, connectMs, proxy }: TransportOptions,
  connecting: Connecting,
): Dispatcher {
  const options = {
    connect: givingUpConnector(connectMs, connecting),
    // Time limits are the attempt's.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(connections !== undefined && { connections }),
  };
  if (!proxy) return new Agent(options);
  const tls = { timeout: connectMs };
  return new EnvHttpProxyAgent({
    ...options,
    // All is said, so that undici looks for nothing in the environment of a later time.
    httpProxy: proxy.origin,
    httpsProxy: proxy.origin,
    noProxy: proxy.noProxy,
    ...(proxy.authorization !== undefined && { token: proxy.authorization }),
    proxyTls: tls,
    requestTls: tls,
    // The connections inside the tunnels, which undici makes itself.
    factory: (origin, settings: Pool.Options) =>
      new Pool(origin, { ...settings, connect: remembering(settings.connect as buildConnector.connector) }),
    clientFactory: (url, settings) => tunnelPool(url, settings, connectMs),
  });
}

/** Connections that broke, by their error: whether the request that was on its way had been the first, or had brought bytes already. */
const brokenSockets = new WeakMap<object, { readonly wasUnused: boolean; readonly hasAnswered: boolean }>();

function givingUpConnector(connectMs: number, connecting: Connecting): buildConnector.connector {
  // It gives the socket at once, which undici's types do not say.
  const connect = remembering(buildConnector({ timeout: connectMs })) as (
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

function remembering(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result;
      if (!error) rememberUse(socket as Socket);
      callback(...result);
    });
}

/** undici does not say over which socket a request goes; but it writes nothing else, and all of it at once. */
function rememberUse(socket: Socket): void {
  let requests = 0;
  let readBefore = 0;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    if (requests === 0 || socket.bytesRead > readBefore) requests++;
    readBefore = socket.bytesRead;
    return write(...args);
  };
  socket.on("error", (broken) => {
    brokenSockets.set(broken, { wasUnused: requests <= 1, hasAnswered: socket.bytesRead > readBefore });
  });
}

/**
 * The server closed a kept connection just as we used it again, and nothing of an answer came: the request may go out
 * once more.
 *
 * @param wasSent Whether the request had gone out on it.
 */
export function wasStale(error: object, wasSent: boolean): boolean {
  const broken = brokenSockets.get(error);
  if (!broken) return false;
  return !wasSent || !(broken.wasUnused || broken.hasAnswered);
}
