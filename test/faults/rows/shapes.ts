import { faults, type WireReply } from "callwright/testing";
import { expect } from "vitest";
import { answers, fails, type Row } from "../row.js";
import { good } from "../run.js";

const body = (raw: string, type = "application/json"): WireReply => ({ raw, headers: { "content-type": type } });
const reads: Row["also"] = ({ answer }) => expect(answer).toBe(good);

/** 200, but not what a model answers. */
export const shapes: readonly Row[] = [
  {
    id: "F34",
    fault: "200 with a page of HTML",
    replies: () => [body("<html>Log in</html>", "text/html")],
    plain: fails("UnexpectedResponseError", 1),
    streamed: fails("UnexpectedResponseError", 1),
    also: ({ error }) => expect(error.message).toMatch(/text\/html.*Log in/s),
  },
  {
    id: "F34",
    fault: "200 with nothing",
    replies: () => [body("")],
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  {
    id: "F34",
    fault: "200 with half a JSON text",
    replies: () => [body('{"id": "1", "choi')],
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  ...["null", "{}", "[]"].map(
    (json): Row => ({
      id: "F34",
      fault: `200 with \`${json}\``,
      replies: () => [body(json)],
      plain: fails("UnexpectedResponseError", 3),
      streamed: fails("UnexpectedResponseError", 3),
    }),
  ),
  {
    id: "F34",
    fault: "a whole answer for a stream, a stream for a whole answer",
    replies: () => [faults.wrongType()],
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  {
    id: "F35",
    fault: "gzip, unasked",
    replies: () => [faults.gzip()],
    plain: answers(),
    streamed: answers(),
    also: reads,
  },
  {
    id: "F35",
    fault: "brotli, unasked",
    replies: () => [faults.brotli()],
    plain: answers(),
    streamed: answers(),
    also: reads,
  },
  {
    id: "F35",
    fault: "gzip that is none",
    replies: () => [{ headers: { "content-encoding": "gzip" } }],
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 3),
  },
  {
    id: "F35",
    fault: "`content-encoding: x`",
    replies: () => [faults.encoding("x")],
    plain: fails("UnexpectedResponseError", 1),
    streamed: fails("UnexpectedResponseError", 1),
  },
];
