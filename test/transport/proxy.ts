import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { listening } from "./listening.js";

/** What a proxy does with a request for a tunnel: a port of this machine to go to, or what it does to the socket instead. */
export type Tunnel = number | ((socket: Socket) => void);

/** A proxy on 127.0.0.1, which knows no names: the test says where a tunnel ends. */
export async function proxyServer(tunnel: (request: IncomingMessage) => Tunnel) {
  const asked: IncomingMessage[] = [];
  // Requests that want no tunnel.
  const server = createServer((_, response) => response.writeHead(400).end());
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
  return {
    ...(await listening(server)),
    /** The requests for a tunnel so far. */
    asked,
  };
}

/** Answers a request for a tunnel with a status, and hangs up. */
export const refusing =
  (status: number): Tunnel =>
  (socket) =>
    socket.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n`);
