import type * as Undici from "undici";
import type { Dispatcher, Pool } from "undici";
import { ConnectionError, TimeoutError } from "../errors.js";
import { after } from "../wait.js";
import { networkCodeOf } from "./transport.js";

/** A proxy that opened no tunnel. One such error may be the end of several calls, so each makes its own of it. */
export class TunnelError extends Error {
  readonly proxy: string;
  /** What the proxy answered; undefined where it did not. */
  readonly status: number | undefined;

  /** @param proxy Its origin, without user name and password. */
  constructor(proxy: string, details: { readonly status?: number; readonly cause?: unknown }) {
    super(`The proxy ${proxy} opened no tunnel.`, { cause: details.cause });
    this.proxy = proxy;
    this.status = details.status;
  }
}

/** The connections to a proxy, which would by themselves wait without end for one that never answers. */
export function tunnelPool(undici: typeof Undici, url: URL, settings: Pool.Options, connectMs: number): Pool {
  const pool = new undici.Pool(url, { ...settings, headersTimeout: 0, bodyTimeout: 0 });
  const connect = pool.connect.bind(pool) as (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  const open = async (options: Dispatcher.ConnectOptions) => {
    const controller = new AbortController();
    const cancel = after(connectMs, () => controller.abort(new TunnelTimeout()));
    try {
      const { statusCode: status, ...answer } = await connect({ ...options, signal: controller.signal });
      if (status === 200) return { statusCode: status, ...answer };
      answer.socket.on("error", () => {}).destroy();
      throw new TunnelError(url.origin, { status });
    } catch (cause) {
      throw cause instanceof TunnelError ? cause : new TunnelError(url.origin, { cause });
    } finally {
      cancel();
    }
  };
  return Object.assign(pool, { connect: open as Pool["connect"] });
}

/** The proxy was reached, and did not answer in time. */
class TunnelTimeout extends Error {
  readonly code = "UND_ERR_CONNECT_TIMEOUT";
}

/** A proxy that cannot be reached may come back; one that refuses or hangs up will do so again. */
export function tunnelFailure(error: TunnelError, connectMs: number): ConnectionError | TimeoutError {
  const { proxy, status } = error;
  const code = networkCodeOf(error);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    const message = `No connection through the proxy ${proxy} within ${connectMs} ms (timeouts.connectMs).`;
    return new TimeoutError(message, { phase: "connect", cause: error });
  }
  const unreached = status === undefined && unreachedCodes.has(code ?? "");
  const what = unreached ? "cannot be reached" : "opens no tunnel";
  const why =
    status === 407 ? "407: it wants another user name and password, in its URL" : (status ?? code ?? "no answer");
  return new ConnectionError(
    `The proxy ${proxy} ${what} (${why}). Check HTTPS_PROXY or HTTP_PROXY; NO_PROXY lists the hosts that are asked without it.`,
    { cause: error, retryable: unreached },
  );
}

const unreachedCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);
