import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { WireServer } from "callwright/testing";

/** Starts a server of any kind on a free port of 127.0.0.1. */
export async function listening(server: Server) {
  const sockets: Socket[] = [];
  // Clients hang up as they like.
  server.on("connection", (socket) => sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** Such as `127.0.0.1:8080`. */
    host: `127.0.0.1:${port}`,
    /** The connections so far, open or not. */
    sockets,
    /** Resolves with the next connection. */
    connected: () => new Promise<Socket>((resolve) => server.once("connection", resolve)),
    /** Ends its connections, too. */
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Listening = Awaited<ReturnType<typeof listening>>;

/** A server below HTTP: the test says what happens to a connection; where it does not, nothing is ever said. */
export function rawServer(onConnection: (socket: Socket) => void = () => {}): Promise<Listening> {
  return listening(createServer(onConnection));
}

export function portOf({ openai }: WireServer): number {
  return Number(new URL(openai.baseURL).port);
}
