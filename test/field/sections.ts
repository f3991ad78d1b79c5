import type { Section } from "./row.js";
import { anthropicBlocks } from "./rows/anthropic-blocks.js";
import { callsSent } from "./rows/calls-sent.js";
import { endOfStream } from "./rows/end-of-stream.js";
import { failureInside200 } from "./rows/failure-inside-200.js";
import { finishReasons } from "./rows/finish-reasons.js";
import { framing } from "./rows/framing.js";
import { identity } from "./rows/identity.js";
import { incompleteAnswers } from "./rows/incomplete.js";
import { keptForTheProvider } from "./rows/kept-for-the-provider.js";
import { made } from "./rows/made.js";
import { media } from "./rows/media.js";
import { refusals } from "./rows/refusals.js";
import { responsesItems } from "./rows/responses-items.js";
import { schemas } from "./rows/schemas.js";
import { spellings } from "./rows/spellings.js";
import { toolPieces } from "./rows/tool-pieces.js";
import { usages } from "./rows/usage.js";
import { waitsAndQuotas } from "./rows/waits-and-quotas.js";
import { wordsOfErrors } from "./rows/words-of-errors.js";
import { wordsSent } from "./rows/words-sent.js";

/** Every public report that was tried, in the order of the table. */
export const sections: readonly Section[] = [
  endOfStream,
  failureInside200,
  wordsOfErrors,
  responsesItems,
  waitsAndQuotas,
  anthropicBlocks,
  identity,
  toolPieces,
  finishReasons,
  usages,
  framing,
  spellings,
  incompleteAnswers,
  refusals,
  callsSent,
  wordsSent,
  keptForTheProvider,
  media,
  made,
  schemas,
];
