import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** What a proxy does with a request for a tunnel: a port of this machine to go to, or what it does to the socket instead. */
export type Tunnel = number | ((socket: Socket) => void);

/** A proxy on 127.0.0.1, which knows no names: the test says where a tunnel ends. */
export async function proxyServer(tunnel: (request: IncomingMessage) => Tunnel) {
  const asked: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  // Requests that want no tunnel.
  const server = createServer((_, response) => response.writeHead(400).end());
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    const decided = tunnel(request);
    if (typeof decided === "function") return decided(socket);
    const behind = connect(decided, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      behind.pipe(socket).pipe(behind);
    });
    behind.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => behind.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The requests for a tunnel so far. */
    asked,
    get connections() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers a request for a tunnel with a status, and hangs up. */
export const refusing =
  (status: number): Tunnel =>
  (socket) =>
    socket.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n`);
