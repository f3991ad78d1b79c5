/** Calls a listener. An error of its own, thrown now or later, must not keep others from their answer. */
export function quietly(listen: () => unknown): void {
  new Promise((resolve) => resolve(listen())).catch(() => {});
}
