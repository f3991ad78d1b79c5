import type { Socket } from "node:net";

/** What ends the making of a connection that nobody waits for; who came in the meantime asks for another. */
export class GivenUpError extends Error {}

/**
 * Connections that are being made, and how many requests wait for one. undici goes on connecting after a request is
 * aborted, and a server that says nothing would keep the process alive until the time limit.
 */
export class Connecting {
  readonly #sockets = new Set<Socket>();
  #waiting = 0;

  add(socket: Socket): void {
    this.#sockets.add(socket);
  }

  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  /** A request waits, until the returned function is called. What nobody waits for any more is given up. */
  wait(): () => void {
    let waits = true;
    this.#waiting++;
    return () => {
      if (!waits) return;
      waits = false;
      this.#waiting--;
      if (this.#waiting > 0) return;
      for (const socket of this.#sockets) socket.destroy(new GivenUpError("Nobody waits for the connection any more."));
    };
  }
}
