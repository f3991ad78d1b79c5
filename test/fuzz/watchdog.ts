import { Worker } from "node:worker_threads";

/** An input may take so long; the time is only there to find what hangs. */
const longestMs = 20_000;

const code = `
  const { workerData: { shared, what, pid, longestMs } } = require("node:worker_threads");
  const numbers = new Int32Array(shared);
  let seen = -1;
  setInterval(() => {
    const count = Atomics.load(numbers, 0);
    if (count === seen) {
      require("node:fs").writeSync(2, "Hangs: " + what + ", run " + Atomics.load(numbers, 1) + "\\n");
      process.kill(pid, "SIGKILL");
    }
    seen = count;
  }, longestMs);
`;

/** Ends the process, with the number of the run, if an input blocks it: a timer of its own would never fire. */
export function watchdog(what: string): { at(run: number): void; stop(): void } {
  const shared = new SharedArrayBuffer(8);
  const numbers = new Int32Array(shared);
  const worker = new Worker(code, { eval: true, workerData: { shared, what, pid: process.pid, longestMs } });
  worker.unref();
  return {
    at(run) {
      Atomics.add(numbers, 0, 1);
      Atomics.store(numbers, 1, run);
    },
    stop: () => void worker.terminate(),
  };
}
