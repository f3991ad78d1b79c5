import { CallwrightError } from "../errors.js";
import { wait } from "../wait.js";

const tries = 6;
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Sends until it is taken, six times at most, with pauses that double. What is sent stays the same: nothing is asked anew.
 *
 * @throws The last failure, or the first that no repetition can change.
 */
export async function sendUntilTaken(send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === tries || isFinal(error)) throw error;
      await wait(pauseBefore(attempt, error));
    }
  }
}

/** A backend of one's own may throw anything; only what says that it is final is. */
export function isFinal(error: unknown): boolean {
  return CallwrightError.isInstance(error) && !error.retryable;
}

/** Milliseconds, with full jitter over the upper half; at least what the server asked for, up to the longest. */
export function pauseBefore(attempt: number, error?: unknown): number {
  const most = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
  const asked = Number((error as { retryAfterMs?: unknown } | undefined)?.retryAfterMs ?? 0);
  return Math.max((most * (1 + Math.random())) / 2, Math.min(asked || 0, longestPauseMs));
}
