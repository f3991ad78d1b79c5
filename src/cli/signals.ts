/** Why a command was stopped. */
class Stopped extends Error {
  readonly exitCode: number;

  constructor(name: NodeJS.Signals) {
    super(`Stopped by ${name}.`);
    this.exitCode = codeOf(name);
  }
}

/** As shells count it: 128 and the number of the signal. */
function codeOf(name: NodeJS.Signals): number {
  return name === "SIGTERM" ? 143 : 130;
}

/** The exit code for the reason of an abort: 143 for SIGTERM, otherwise 130. */
export function stopCode(reason: unknown): number {
  return reason instanceof Stopped ? reason.exitCode : codeOf("SIGINT");
}

export function isStopCode(code: number): boolean {
  return code === codeOf("SIGINT") || code === codeOf("SIGTERM");
}

/**
 * A signal that aborts at the first SIGINT or SIGTERM; the second ends the process at once, with the code 130 or 143.
 *
 * Call `release` when there is nothing to stop any more. Until this is called, Ctrl+C ends the process as it always
 * does: while a module is loaded, which may never end, nothing is there to be finished.
 */
export function untilSignalled(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(codeOf(name));
    controller.abort(new Stopped(name));
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
