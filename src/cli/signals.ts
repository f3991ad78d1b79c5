/**
 * A signal that aborts at the first SIGINT or SIGTERM; the second ends the process at once, with the code 130.
 *
 * Call `release` when there is nothing to stop any more.
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
