import { openPrivate } from "../private-file.js";
import type { ConversationResult } from "../result.js";
import { readTranscript } from "../transcript.js";
import { conversationHtml } from "./conversation.js";
import { pageEnd, pageHead, type ReportFacts } from "./page.js";

/** So many that went wrong are shown open. */
const mostOpen = 5;

/**
 * Writes the report of a transcript: one HTML file that loads nothing and runs nothing, what went wrong first. Only
 * its owner can read it. It is written as it is read, so that a long run needs no more memory than a short one.
 */
export async function writeReport(file: string, transcript: string, facts: ReportFacts): Promise<void> {
  const handle = await openPrivate(file);
  try {
    await handle.appendFile(pageHead(facts).html);
    let shown = 0;
    for (const wanted of [wentWrong, (result: ConversationResult) => !wentWrong(result)]) {
      for await (const result of readTranscript(transcript)) {
        if (wanted(result))
          await handle.appendFile(conversationHtml(result, wentWrong(result) && shown++ < mostOpen).html);
      }
    }
    await handle.appendFile(pageEnd.html);
  } finally {
    await handle.close();
  }
}

function wentWrong({ outcome }: ConversationResult): boolean {
  return outcome === "failed" || outcome === "error";
}
