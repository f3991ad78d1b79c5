import { Socket } from "node:net";
import { ConnectionError } from "../errors.js";

/** What keeps the network away, until it is closed. */
export interface NetworkDenial extends Disposable {
  /** Lets connections through again, unless another denial is still active. */
  close(): void;
}

const active = new Set<object>();

/**
 * Fails every new TCP connection that leaves this machine, whoever opens it: fetch, undici, `node:http`, `node:tls` or
 * a driver. The error is a ConnectionError that names the host and is not worth a retry. Loopback and local sockets
 * stay open, and so do connections that were there before. Denials nest: the last one to be closed lifts it.
 */
export function denyNetwork(): NetworkDenial {
  const denial = {};
  if (active.size === 0) install();
  active.add(denial);
  const close = () => {
    if (active.delete(denial) && active.size === 0) restore();
  };
  return { close, [Symbol.dispose]: close };
}

type Connect = (this: Socket, ...args: unknown[]) => Socket;

let original: PropertyDescriptor | undefined;

/** Everything in Node that opens a TCP connection comes through here, names that are still to be looked up included. */
function install(): void {
  original = Object.getOwnPropertyDescriptor(Socket.prototype, "connect") as PropertyDescriptor;
  Object.defineProperty(Socket.prototype, "connect", { ...original, value: guardOf(original.value) });
}

const guards = new WeakSet<Connect>();

function guardOf(connect: Connect): Connect {
  const guard: Connect = function (...args) {
    const place = active.size > 0 ? remotePlace(args) : undefined;
    if (place === undefined) return Reflect.apply(connect, this, args);
    const error = new ConnectionError(
      `denyNetwork() keeps ${place} from being reached. Answer with script(), testModel(), wireServer() or record() instead.`,
      { retryable: false },
    );
    // As a refused connection: told by an event, when the caller has had the time to listen.
    process.nextTick(() => this.destroy(error));
    return this;
  };
  guards.add(guard);
  return guard;
}

function restore(): void {
  // Where another has put something over it, that stays; what lies beneath lets everything through.
  if (original && guards.has(Socket.prototype.connect as Connect))
    Object.defineProperty(Socket.prototype, "connect", original);
}

/** `host:port` where a connection would leave this machine. Node's own modules pass the arguments as one list. */
function remotePlace(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first !== null) {
    const { path, host, port } = first as { path?: unknown; host?: unknown; port?: unknown };
    return path === undefined || path === null || path === "" ? placeOf(host, port) : undefined;
  }
  // A string that is no number is the path of a local socket.
  return Number.isNaN(Number(first)) ? undefined : placeOf(typeof second === "string" ? second : undefined, first);
}

function placeOf(host: unknown, port: unknown): string | undefined {
  const name = String(host || "localhost");
  const bare = name.toLowerCase().replace(/^\[|\]$|\.$/g, "");
  return loopback.test(bare) ? undefined : `${name}:${port}`;
}

const loopback = /^((.+\.)?localhost|(::ffff:)?127(\.\d{1,3}){3}|0\.0\.0\.0|::1?|(0{1,4}:){7}0{0,3}[01])$/;
