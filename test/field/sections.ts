import type { Section } from "./row.js";
import { callsSent } from "./rows/calls-sent.js";
import { endOfStream } from "./rows/end-of-stream.js";
import { keptForTheProvider } from "./rows/kept-for-the-provider.js";
import { wordsSent } from "./rows/words-sent.js";

/** Every public report that was tried, in the order of the table. */
export const sections: readonly Section[] = [endOfStream, callsSent, wordsSent, keptForTheProvider];
