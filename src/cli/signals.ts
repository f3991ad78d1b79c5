/**
 * A signal that aborts at the first SIGINT or SIGTERM; the second ends the process at once, with the code 130.
 *
 * Call `release` when there is nothing to stop any more. Until this is called, Ctrl+C ends the process as it always
 * does: while a module is loaded, which may never end, nothing is there to be finished.
 */
export function untilSignalled(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error(`Stopped by ${name}.`));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
