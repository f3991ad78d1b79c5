import { own } from "../../own.js";
import { eventStream } from "../body.js";
import type { WireReply } from "../reply.js";
import { type After, begin, changed, unknownLength } from "./begin.js";

/** A web page with the status 200, as proxies and wrong addresses answer: `UnexpectedResponseError`, without a retry. */
export function html(): WireReply {
  return {
    raw: "<!doctype html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>",
    headers: { "content-type": "text/html; charset=utf-8" },
  };
}

/** The status 200 and an empty body: `UnexpectedResponseError`, after the retries. */
export function empty(): WireReply {
  return { raw: "" };
}

/** The JSON of a plain answer, or of the event after so many pieces, lacks its end: `UnexpectedResponseError`, after the retries unless text has come. */
export function malformedJson(options: After = {}): WireReply {
  const { after = 2 } = own(options);
  const withoutEnd = (text: string) => text.trimEnd().slice(0, -4);
  return {
    async *tcp(answer) {
      if (!answer.streamed) return yield* changed(answer, ({ text }) => [withoutEnd(text)]);
      const begun = yield* begin(answer, after);
      yield { chunk: `${withoutEnd(await begun.next())}\n\n` };
      for (let text = await begun.next(); text !== ""; text = await begun.next()) yield { chunk: text };
    },
  };
}

/** A stream where a plain answer was asked for, and the other way round: `UnexpectedResponseError`, after the retries. */
export function wrongType(): WireReply {
  return {
    async *tcp(answer) {
      const type = answer.streamed ? "application/json" : eventStream;
      yield { head: { ...unknownLength, "content-type": type } };
      for await (const { text } of answer.body(!answer.streamed)) yield { chunk: text };
    },
  };
}
