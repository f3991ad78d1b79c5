import type { Section } from "./row.js";
import { endOfStream } from "./rows/end-of-stream.js";
import { schemas } from "./rows/schemas.js";

/** Every public report that was tried, in the order of the table. */
export const sections: readonly Section[] = [endOfStream, schemas];
