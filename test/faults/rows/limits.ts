import { faults } from "callwright/testing";
import { expect } from "vitest";
import { answers, fails, type Row } from "../row.js";

const limited = (headers: Readonly<Record<string, string>>) => ({ status: 429, headers });

/** The requests' own distance in time, in ms of whichever clock runs. */
const gapOf = (requests: readonly { readonly arrivedAt: number }[]) => {
  const [first, second] = requests;
  return (second?.arrivedAt ?? 0) - (first?.arrivedAt ?? 0);
};

/** The provider says that it has had enough. */
export const limits: readonly Row[] = [
  {
    id: "F21",
    fault: "429, `retry-after: 1`",
    replies: () => [limited({ "retry-after": "1" }), {}],
    plain: answers(2),
    streamed: answers(2),
    also: (_, { server }) => expect(gapOf(server.requests)).toBeGreaterThanOrEqual(1000),
  },
  {
    id: "F21",
    fault: "429, `retry-after-ms: 50`",
    replies: () => [limited({ "retry-after-ms": "50" }), {}],
    plain: answers(2),
    streamed: answers(2),
    also: (_, { server }) => expect(gapOf(server.requests)).toBeGreaterThanOrEqual(50),
  },
  {
    id: "F22",
    fault: "429, `retry-after` as a date",
    // A date has a grain of a second, so up to one is lost.
    replies: () => [() => limited({ "retry-after": new Date(Date.now() + 1000).toUTCString() }), {}],
    plain: answers(2),
    streamed: answers(2),
    also: (_, { server }) => expect(gapOf(server.requests)).toBeGreaterThanOrEqual(1000),
  },
  {
    id: "F22",
    fault: "429, `retry-after` as a date that is over",
    replies: () => [limited({ "retry-after": "Tue, 01 Jan 2019 00:00:00 GMT" }), {}],
    plain: answers(2),
    streamed: answers(2),
  },
  {
    id: "F23",
    fault: "429, `retry-after: 0`, for ever",
    replies: () => [limited({ "retry-after": "0" })],
    plain: fails("RateLimitError", 3),
    streamed: fails("RateLimitError", 3),
    // "0" is no wish, and a client that takes it for one asks three times in a moment.
    also: (_, { server }) => expect(gapOf(server.requests)).toBeGreaterThanOrEqual(500),
  },
  {
    id: "F24",
    fault: "429, `retry-after: 3600`",
    replies: () => [limited({ "retry-after": "3600" })],
    plain: fails("RateLimitError", 1),
    streamed: fails("RateLimitError", 1),
    also: ({ error }) => expect(error.retryAfterMs).toBe(3_600_000),
  },
  ...["-5", "soon", "1e309"].map(
    (value): Row => ({
      id: "F24",
      fault: `429, \`retry-after: ${value}\``,
      replies: () => [limited({ "retry-after": value }), {}],
      plain: answers(2),
      streamed: answers(2),
    }),
  ),
  {
    id: "F25",
    fault: "no credit left",
    replies: () => [faults.quota()],
    plain: fails("QuotaError", 1),
    streamed: fails("QuotaError", 1),
  },
];
