import { UnexpectedResponseError } from "../errors.js";
import type { Limits, ModelRequest } from "../model.js";

// Far more than any answer, and far less than what a process dies of.
const defaultLimits = { maxResponseBytes: 256 * 1024 * 1024, maxEventChars: 32 * 1024 * 1024, maxToolCalls: 128 };

/** No string is longer in V8, so nothing longer can be read at once. */
export const longestText = 2 ** 29 - 24;

/** The limits of one request, each with a value. */
export function limitsFor({ context }: ModelRequest): Required<{ [Name in keyof Limits]: number }> {
  const { limits } = context ?? {};
  return {
    maxResponseBytes: limits?.maxResponseBytes ?? defaultLimits.maxResponseBytes,
    maxEventChars: Math.min(limits?.maxEventChars ?? defaultLimits.maxEventChars, longestText),
    maxToolCalls: limits?.maxToolCalls ?? defaultLimits.maxToolCalls,
  };
}

/** @param what Such as `more than 1000 bytes in one answer`. */
export function overLimit(provider: string, what: string, limit: keyof Limits): UnexpectedResponseError {
  return new UnexpectedResponseError(
    `${provider} sent ${what}, which is no answer of a model. Set limits.${limit} higher where it is one.`,
    { provider },
  );
}
