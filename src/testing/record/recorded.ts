/** A request as a cassette has it. */
export interface RecordedRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  /** The parsed body; the text if it is not JSON. */
  readonly body: unknown;
}

/** One request and the response to it, without secrets. */
export interface RecordedExchange {
  readonly request: RecordedRequest;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** A body that is JSON. */
    readonly json?: unknown;
    /** Any other body: the events of a stream, or the whole. */
    readonly chunks?: readonly string[];
  };
}
