import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server below HTTP, on 127.0.0.1: the test says what happens to a connection; unless it does, nothing is ever said. */
export async function rawServer(onConnection: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    // Clients hang up as they like.
    sockets.push(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    /** Such as `127.0.0.1:8080`. */
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The connections so far, open or not. */
    sockets,
    /** Resolves with the next connection. */
    async connected(): Promise<Socket> {
      const [socket] = await once(server, "connection");
      return socket;
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type RawServer = Awaited<ReturnType<typeof rawServer>>;
