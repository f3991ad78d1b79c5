// What goes wrong at a provider is thrown, as a class with a stable code, so that a program can tell what to do.
import {
  AuthenticationError,
  BadRequestError,
  type CallwrightError,
  ConnectionError,
  call,
  NotFoundError,
  OverloadedError,
  ProviderError,
  QuotaError,
  RateLimitError,
  retry,
  ServerError,
  UnexpectedResponseError,
} from "callwright";
import { type WireReply, wireServer } from "callwright/testing";

await using server = await wireServer();
const options = { ...server.openai, use: [retry({ retries: 0 })] };
const ask = call("openai/gpt-4o-mini", options)((question: string) => question);

const cases: [WireReply, new (...args: any[]) => CallwrightError, string][] = [
  [{ status: 401 }, AuthenticationError, "check the key"],
  [{ status: 404 }, NotFoundError, "check the name of the model"],
  [{ status: 400 }, BadRequestError, "mend the request"],
  [{ status: 429, json: { error: { code: "insufficient_quota" } } }, QuotaError, "pay, since waiting does not help"],
  [{ status: 429, headers: { "retry-after": "2" } }, RateLimitError, "wait for error.retryAfterMs"],
  [{ status: 503 }, OverloadedError, "try later, or elsewhere"],
  [{ status: 500 }, ServerError, "try later"],
  [{ raw: "<html>", headers: { "content-type": "text/html" } }, UnexpectedResponseError, "check the base URL"],
  [{ drop: "reset" }, ConnectionError, "check the network"],
];
for (const [reply, kind, advice] of cases) {
  server.reply(reply);
  const error = await ask("Hello?").catch((reason) => reason);
  if (!(error instanceof kind)) throw error;
  console.log(`${error.code} (${error instanceof ProviderError ? error.status : "no status"}): ${advice}`);
}
