const refusedKey = Symbol.for("callwright.request-refused");

/**
 * Runs what puts a request into a provider's words. What it throws is about the request, its messages, tools and schemas,
 * and not about keys or addresses; `isAboutRequest` tells.
 */
export function encoding<Body>(encode: () => Body): Body {
  try {
    return encode();
  } catch (error) {
    throw aboutRequest(error);
  }
}

/** Marks an error that is thrown because of what was asked. */
export function aboutRequest<Thrown>(error: Thrown): Thrown {
  if (error instanceof Error) Object.defineProperty(error, refusedKey, { value: true, configurable: true });
  return error;
}

/** Whether an error was thrown because a request cannot be put into its provider's words. Nothing was sent then. */
export function isAboutRequest(error: unknown): error is Error {
  return error instanceof Error && Object.hasOwn(error, refusedKey);
}
