import { UnexpectedResponseError } from "../../errors.js";
import { maxJsonDepth, parseJsonText } from "../../json-text.js";
import { beginningOf } from "./error-words.js";

/** The body of a whole answer, or an error that shows its beginning. */
export function bodyOf(provider: string, requestId: string | undefined, contentType: string, text: string): unknown {
  if (/\b(html|event-stream)\b/i.test(contentType))
    throw unexpected(provider, requestId, contentType, text, "is no JSON");
  // What a tool is called with may stand some levels inside the body, and has the usual limit of its own.
  const read = parseJsonText(text, 2 * maxJsonDepth);
  if ("value" in read) return read.value;
  const what = text.trim() === "" ? "is empty" : "is broken JSON";
  // V8 quotes ten characters of the text, which may be a part of a key.
  const problem = read.problem.replace(/,? (\.{3})?".*"(\.{3})? is not valid/s, " is not valid");
  throw unexpected(provider, requestId, contentType, text, what, new SyntaxError(problem));
}

/** A web page comes from a wrong address and will come again; a broken or empty body may be an accident. */
export function unexpected(
  provider: string,
  requestId: string | undefined,
  contentType: string,
  text: string,
  what: string,
  cause?: unknown,
): UnexpectedResponseError {
  const start = beginningOf(text.trim(), 200);
  const shown = start && `: ${start}`;
  return new UnexpectedResponseError(
    `The answer of ${provider} ${what} (content-type ${contentType || "missing"})${shown}`,
    {
      provider,
      status: 200,
      requestId,
      shouldRetry: !/\bhtml\b/i.test(contentType) && !start.startsWith("<"),
      ...(cause !== undefined && { cause }),
    },
  );
}
