import { expect } from "vitest";
import { answers, fails, type Row } from "../row.js";

const transient = [
  [408, "ServerError"],
  [409, "ServerError"],
  [500, "ServerError"],
  [503, "OverloadedError"],
  [504, "ServerError"],
  [529, "OverloadedError"],
] as const;
const permanent = [
  [400, "BadRequestError"],
  [401, "AuthenticationError"],
  [403, "AuthenticationError"],
  [404, "NotFoundError"],
  [413, "BadRequestError"],
  [422, "BadRequestError"],
] as const;

/** The provider refuses, for now or for good. */
export const statuses: readonly Row[] = [
  ...transient.map(
    ([status, name]): Row => ({
      id: "F31",
      fault: `${status}`,
      replies: () => [{ status, text: "Not now." }],
      plain: fails(name, 3),
      streamed: fails(name, 3),
      also: ({ error }) => expect(error).toMatchObject({ status, message: expect.stringContaining("Not now.") }),
    }),
  ),
  {
    id: "F31",
    fault: "502 with a page of HTML",
    replies: () => [{ status: 502, raw: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } }],
    plain: fails("ServerError", 3),
    streamed: fails("ServerError", 3),
    also: ({ error }) => expect(error.status).toBe(502),
  },
  {
    id: "F31",
    fault: "503 twice, then an answer",
    replies: () => [{ status: 503 }, { status: 503 }, {}],
    plain: answers(3),
    streamed: answers(3),
  },
  ...permanent.map(
    ([status, name]): Row => ({
      id: "F32",
      fault: `${status}`,
      replies: () => [{ status, text: "Never." }],
      plain: fails(name, 1),
      streamed: fails(name, 1),
      also: ({ error }) => expect(error).toMatchObject({ status, message: expect.stringContaining("Never.") }),
    }),
  ),
  {
    id: "F32",
    fault: "500 with `x-should-retry: false`",
    replies: () => [{ status: 500, headers: { "x-should-retry": "false" } }],
    plain: fails("ServerError", 1),
    streamed: fails("ServerError", 1),
  },
  {
    id: "F32",
    fault: "400 with `x-should-retry: true`",
    replies: () => [{ status: 400, headers: { "x-should-retry": "true" } }],
    plain: fails("BadRequestError", 3),
    streamed: fails("BadRequestError", 3),
  },
  ...[301, 302, 307, 308].flatMap((status) =>
    (["the same address", "another address"] as const).map(
      (place): Row => ({
        id: "F40",
        fault: `${status} to ${place}`,
        replies: () => [
          ({ headers }) => ({
            status,
            headers: {
              location: place === "the same address" ? `http://${headers.host}/v2` : "https://elsewhere.test/v1",
            },
          }),
        ],
        plain: fails("ConnectionError", 1),
        streamed: fails("ConnectionError", 1),
        also: ({ error }) =>
          expect(error.message).toContain(place === "the same address" ? "/v2" : "https://elsewhere.test"),
      }),
    ),
  ),
];
