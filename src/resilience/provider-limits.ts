import { now } from "../wait.js";

/** What a provider still allows until a time, in milliseconds of `now()`. */
export interface Allowance {
  remaining: number;
  readonly until: number;
}

type Headers = Readonly<Record<string, string>>;

/** What the headers of an answer say of the provider's own limits. Sources: OpenAI's "Rate limits" guide, Anthropic's "Rate limits" page. */
export function providerLimits(headers: Headers): { readonly requests?: Allowance; readonly tokens?: Allowance } {
  const requests = allowance(headers, "requests");
  const tokens = allowance(headers, "tokens");
  return { ...(requests && { requests }), ...(tokens && { tokens }) };
}

function allowance(headers: Headers, what: "requests" | "tokens"): Allowance | undefined {
  const names = [
    [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`],
    [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`],
  ] as const;
  for (const [remainingName, resetName] of names) {
    const remaining = Number(headerOf(headers, remainingName) || Number.NaN);
    const ms = resetMs(headerOf(headers, resetName), headerOf(headers, "date"));
    if (remaining >= 0 && ms !== undefined) return { remaining, until: now() + ms };
  }
  return undefined;
}

/** Models of the caller's own may have anything there. */
function headerOf(headers: Headers, name: string): string {
  const value: unknown = headers[name];
  return typeof value === "string" ? value.trim() : "";
}

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const longestMs = unitMs.d;

/** Milliseconds from a duration such as `6m0s` or `120ms` (OpenAI), seconds, or a date (Anthropic); what makes no sense says nothing. */
function resetMs(spelled: string, serverDate: string): number | undefined {
  const ms = durationMs(spelled) ?? dateMs(spelled, serverDate);
  return ms <= longestMs ? ms : undefined;
}

function durationMs(spelled: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(spelled)) return Number(spelled) * unitMs.s;
  if (!/^(\d+(\.\d+)?(d|h|ms|m|s))+$/.test(spelled)) return undefined;
  const pieces = spelled.matchAll(/([\d.]+)(d|h|ms|m|s)/g);
  return [...pieces].reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit as "s"], 0);
}

/** By the server's own clock, since ours may be off. */
function dateMs(spelled: string, serverDate: string): number {
  return Date.parse(spelled) - (Date.parse(serverDate) || Date.now());
}
