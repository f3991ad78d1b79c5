import { ConnectionError } from "../errors.js";
import { attemptKey } from "./attempt.js";
import { redirectRefused, type SendInit, type Transport, type TransportOptions, unreachable } from "./transport.js";

/** The platform's own fetch, where there is no Node. It pools connections itself and knows no limit on connecting. */
export async function createTransport(_options: TransportOptions): Promise<Transport> {
  const send = async (url: string, init: SendInit) => {
    const attempt = init[attemptKey];
    try {
      const signal = attempt?.signal ?? init.signal ?? null;
      const response = await globalThis.fetch(url, { ...init, signal, redirect: "manual" });
      const redirected = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
      if (redirected) throw redirectRefused(url, response.status, response.headers.get("location"));
      return response;
    } catch (error) {
      const failure = error instanceof ConnectionError ? error : unreachable(url, error);
      attempt?.fail(failure);
      throw failure;
    }
  };
  return { fetch: send as typeof globalThis.fetch, close: async () => {} };
}
