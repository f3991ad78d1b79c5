import type { Section } from "./row.js";
import { endOfStream } from "./rows/end-of-stream.js";
import { finishReasons } from "./rows/finish-reasons.js";
import { framing } from "./rows/framing.js";
import { identity } from "./rows/identity.js";
import { spellings } from "./rows/spellings.js";
import { toolPieces } from "./rows/tool-pieces.js";
import { usages } from "./rows/usage.js";

/** Every public report that was tried, in the order of the table. */
export const sections: readonly Section[] = [
  endOfStream,
  identity,
  toolPieces,
  finishReasons,
  usages,
  framing,
  spellings,
];
