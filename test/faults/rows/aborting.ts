import { rateLimit, tool } from "callwright";
import { faults } from "callwright/testing";
import { rawServer } from "../../transport/listening.js";
import { turns } from "../../turns.js";
import { aborted } from "../abort.js";
import { answers, fails, type Row } from "../row.js";

const text = ["one ", "two ", "three"];
const abortedAfter = (requests: number, shown?: string) => ({
  plain: fails("AbortedError", requests),
  streamed: fails("AbortedError", requests, shown),
});

/** The caller's signal, at each stage of a call. */
export const aborting: readonly Row[] = [
  {
    id: "F37",
    fault: "an abort before the call",
    run: (cell) => aborted(cell, { abortWhen: "before" }),
    ...abortedAfter(0),
  },
  {
    id: "F37",
    fault: "an abort in the line of `rateLimit`, behind another call",
    replies: () => [faults.silence()],
    run: (cell) => aborted(cell, { behind: true, settings: { use: [rateLimit({ concurrency: 1 })] } }),
    ...abortedAfter(1),
  },
  {
    id: "F37",
    fault: "an abort in the line for a connection, behind another call",
    replies: () => [faults.silence()],
    run: (cell) => aborted(cell, { behind: true, access: { connections: 1 } }),
    ...abortedAfter(1),
  },
  {
    id: "F37",
    fault: "an abort while the connection is made",
    async run(cell) {
      const silent = await rawServer();
      const connected = silent.connected();
      // A greeting of TLS that nobody answers.
      const access = { baseURL: `https://${silent.host}` };
      return aborted(cell, { access, abortWhen: () => connected, release: silent.close });
    },
    ...abortedAfter(0),
  },
  {
    id: "F37",
    fault: "an abort before the headers",
    replies: () => [faults.silence()],
    run: (cell) => aborted(cell, { abortWhen: () => cell.server.arrived() }),
    ...abortedAfter(1),
  },
  {
    id: "F37",
    fault: "an abort in the middle of the answer",
    replies: () => [{ ...faults.stall({ after: 2 }), text }],
    run: (cell) =>
      aborted(cell, {
        // Of a plain answer nobody sees a half.
        abortWhen: async (shown) => (cell.streamed ? shown("one two ") : turns(20)),
      }),
    ...abortedAfter(1, "one two "),
  },
  {
    id: "F37",
    fault: "an abort between two tries",
    replies: () => [{ status: 503, headers: { "retry-after": "5" } }],
    run: (cell) =>
      aborted(cell, {
        async abortWhen() {
          await (await cell.server.arrived()).closed;
          await turns(20);
        },
      }),
    ...abortedAfter(1),
  },
  {
    id: "F37",
    fault: "an abort while a tool works that does not listen",
    replies: () => [{ toolCalls: [{ name: "work", args: {} }] }],
    run(cell) {
      const { work, working } = endlessTool();
      return aborted(cell, { settings: { tools: [work] }, maxSteps: 3, abortWhen: () => working });
    },
    ...abortedAfter(1),
  },
  {
    id: "F37",
    fault: "an abort after the end",
    replies: () => [{ text }],
    run: (cell) => aborted(cell, { abortWhen: "after" }),
    plain: answers(),
    streamed: answers(),
  },
];

function endlessTool() {
  let begin = () => {};
  const working = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const work = tool({ name: "work", description: "Works" })(() => {
    begin();
    return new Promise<never>(() => {});
  });
  return { work, working };
}
