import { after } from "../wait.js";
import { defaultDrainMs } from "./event-body.js";

/** What is needed of `http.ServerResponse`, so that nothing of Node is imported. */
export interface NodeResponse {
  statusCode: number;
  statusMessage: string;
  readonly headersSent: boolean;
  /** Whether the connection is gone. */
  readonly destroyed: boolean;
  setHeader(name: string, value: string | readonly string[]): unknown;
  flushHeaders(): void;
  /** Whether more may be written at once. */
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  /** Closes the connection; without it, that of a client which stopped reading stays open. */
  destroy?(): unknown;
  on(event: "close" | "drain" | "error", listener: () => void): unknown;
  off(event: "close" | "drain" | "error", listener: () => void): unknown;
}

/** Small enough that a client which is merely slow accepts one in the time that it has. */
const pieceBytes = 65_536;

/**
 * Sends a response through Node's, as fast as the client takes it. A client that leaves cancels the body, and so does one
 * that accepts nothing for `drainTimeoutMs`; its connection is closed. Resolves when all was handed over or the client is
 * gone.
 *
 * @throws What the body throws; the connection is then closed.
 */
export async function sendResponse(
  response: Response,
  outgoing: NodeResponse,
  drainTimeoutMs: number = defaultDrainMs,
): Promise<void> {
  const reader = response.body?.getReader();
  let wake = () => {};
  let gone = outgoing.destroyed;
  let failed = false;
  const onClose = (reason: unknown = new Error("The client left.")) => {
    gone = true;
    wake();
    void reader?.cancel(reason).catch(() => {});
  };
  const onLeave = () => onClose();
  const onDrain = () => wake();
  // The close follows, and says it all.
  const onError = () => {};
  // A body that fails while the client takes its time ends the wait.
  reader?.closed.catch(() => {
    failed = true;
    wake();
  });
  outgoing.on("close", onLeave);
  outgoing.on("drain", onDrain);
  outgoing.on("error", onError);
  try {
    if (gone) return onClose();
    if (!outgoing.headersSent) {
      writeHead(response, outgoing);
      // The client learns at once that the answer has begun.
      outgoing.flushHeaders();
    }
    while (reader) {
      const { value, done } = await reader.read();
      if (gone) return;
      if (done) break;
      for (let at = 0; at < value.byteLength; at += pieceBytes) {
        if (outgoing.write(value.subarray(at, at + pieceBytes))) continue;
        await drained();
        if (gone) return;
        if (failed) break;
      }
    }
    outgoing.end();
  } finally {
    outgoing.off("close", onLeave);
    outgoing.off("drain", onDrain);
    // What was written to a connection that was closing may still complain.
    if (!gone) outgoing.off("error", onError);
  }

  async function drained(): Promise<void> {
    const cancel = after(drainTimeoutMs, () => {
      onClose(new Error(`The client has accepted nothing for ${drainTimeoutMs} ms.`));
      outgoing.destroy?.();
    });
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (gone || failed) resolve();
    });
    cancel();
  }
}

function writeHead({ status, statusText, headers }: Response, outgoing: NodeResponse): void {
  outgoing.statusCode = status;
  if (statusText) outgoing.statusMessage = statusText;
  for (const [name, value] of headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
}
