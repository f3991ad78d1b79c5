import { describeError } from "./describe-error.js";
import { isStopCode } from "./signals.js";
import type { Terminal } from "./terminal.js";

/** How long after its command a process may go on for what a module left open. */
const graceMs = 2000;

/**
 * Sees to it that the process ends as its command does, whatever the module does that was loaded into it: errors that
 * nobody catches, an exit of its own, promises that nothing will settle, timers that would keep it going for ever.
 *
 * @returns What to call with the exit code when the command is over.
 */
export function watchProcess(terminal: Terminal): (code: number) => void {
  let isOver = false;
  const over = (code: number) => {
    isOver = true;
    process.exitCode = code;
  };
  const fail = (message: string) => {
    terminal.err(message, "red");
    over(1);
  };
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error: unknown) => {
      fail(describeError(error));
      process.exit();
    });
  process.once("beforeExit", () => {
    if (!isOver) fail("Error: Nothing is left to wait for, but a promise of the module was never settled.");
  });
  process.once("exit", (code) => {
    // That is the second Ctrl+C.
    if (!isOver && !isStopCode(code))
      fail(`Error: The module ended the process with the code ${code}. A module must not exit.`);
  });
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // Whoever read has seen enough, as `head` does.
      if (error.code === "EPIPE") over(0);
      else over(1);
      process.exit();
    });

  return (code) => {
    over(code);
    // Where all was closed the process ends by itself, before this; a pipe gets the rest of the text either way.
    const end = () => process.stdout.write("", () => process.stderr.write("", () => process.exit()));
    if (isStopCode(code)) end();
    else setTimeout(end, graceMs).unref();
  };
}
