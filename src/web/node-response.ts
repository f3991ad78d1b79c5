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
  on(event: "close" | "drain" | "error", listener: () => void): unknown;
  off(event: "close" | "drain" | "error", listener: () => void): unknown;
}

/**
 * Sends a response through Node's, as fast as the client takes it. A client that leaves cancels the body. Resolves when
 * all was handed over or the client is gone.
 *
 * @throws What the body throws; the connection is then closed.
 */
export async function sendResponse(response: Response, outgoing: NodeResponse): Promise<void> {
  const reader = response.body?.getReader();
  let wake = () => {};
  let gone = outgoing.destroyed;
  const onClose = () => {
    gone = true;
    wake();
    void reader?.cancel(new Error("The client left.")).catch(() => {});
  };
  const onDrain = () => wake();
  // The close follows, and says it all.
  const onError = () => {};
  outgoing.on("close", onClose);
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
      if (!outgoing.write(value))
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (gone) resolve();
        });
    }
    outgoing.end();
  } finally {
    outgoing.off("close", onClose);
    outgoing.off("drain", onDrain);
    // What was written to a connection that was closing may still complain.
    if (!gone) outgoing.off("error", onError);
  }
}

function writeHead({ status, statusText, headers }: Response, outgoing: NodeResponse): void {
  outgoing.statusCode = status;
  if (statusText) outgoing.statusMessage = statusText;
  for (const [name, value] of headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
}
