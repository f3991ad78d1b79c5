/** What is needed of a socket. */
export interface Connection {
  readonly destroyed?: boolean;
}

/** Requests that a client may have sent ahead on one connection. More is an attack, and closes it. */
const maxWaiting = 1_000;

const queues = new WeakMap<Connection, { readonly waiting: (() => void)[] }>();

/**
 * Lets the requests of one HTTP/1 connection be answered one after the other. Node hands over requests that are
 * pipelined all at once, though their answers have to leave in order; each would start a call.
 *
 * @returns What ends the turn, at once or when the turn has come; undefined if too many wait.
 */
export function takeTurn(connection: Connection): (() => void) | Promise<() => void> | undefined {
  const queue = queues.get(connection);
  if (!queue) {
    queues.set(connection, { waiting: [] });
    return turnOf(connection);
  }
  if (queue.waiting.length >= maxWaiting) return undefined;
  return new Promise((resolve) => {
    queue.waiting.push(() => resolve(turnOf(connection)));
  });
}

function turnOf(connection: Connection): () => void {
  let over = false;
  return () => {
    if (over) return;
    over = true;
    const next = queues.get(connection)?.waiting.shift();
    if (next) next();
    else queues.delete(connection);
  };
}
