import { readFileSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import tls from "node:tls";

/**
 * What a server shows of itself: `valid` for localhost and api.invalid until 2120, `expired` for the same until 2020, and
 * `elsewhere` for another host, all from an authority of the tests; and `self-signed`.
 */
export type Certificate = "valid" | "expired" | "elsewhere" | "self-signed";

const read = (name: string) => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url));

/** Takes TLS off what comes, and hands it on to a port of this machine. */
export async function tlsServer(port: number, certificate: Certificate) {
  const sockets = new Set<Socket>();
  const server = tls.createServer({ key: read("key"), cert: read(certificate) }, (socket) => {
    const behind = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  let handshakes = 0;
  server.on("connection", () => handshakes++);
  // Clients that refuse the certificate hang up.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get handshakes() {
      return handshakes;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lets this process trust the authority of the tests besides those that it knows; gives the function that ends it. */
export function trustTestAuthority(): () => void {
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const context = createSecureContext(options);
    context.context.addCACert(read("authority"));
    return context;
  };
  return () => {
    tls.createSecureContext = createSecureContext;
  };
}
