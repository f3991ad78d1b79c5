import { readFileSync } from "node:fs";
import { connect } from "node:net";
import tls from "node:tls";
import type { WireServer } from "callwright/testing";
import { type Listening, listening, portOf } from "./listening.js";

/**
 * What a server shows of itself: `valid` for localhost and api.invalid until 2120, `expired` for the same until 2020, and
 * `elsewhere` for another host, all from an authority of the tests; and `self-signed`.
 */
export type Certificate = "valid" | "expired" | "elsewhere" | "self-signed";

const read = (name: string) => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url));

/** Takes TLS off what comes, and hands it on to a wire server. */
export function tlsServer(wires: WireServer, certificate: Certificate): Promise<Listening> {
  const server = tls.createServer({ key: read("key"), cert: read(certificate) }, (socket) => {
    const behind = connect(portOf(wires), "127.0.0.1");
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  // Clients that refuse the certificate hang up.
  server.on("tlsClientError", () => {});
  return listening(server);
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
