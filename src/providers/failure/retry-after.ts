import { isPlainObject } from "../../json.js";

/** Milliseconds that the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date; undefined for anything else. */
export function retryAfterMs(headers: { get(name: string): string | null }): number | undefined {
  const ms = waitOf(headers.get("retry-after-ms"));
  if (ms !== undefined) return ms;
  const spelled = headers.get("retry-after")?.trim();
  if (!spelled) return undefined;
  if (!Number.isNaN(Number(spelled))) return inMs(waitOf(spelled));
  // By the server's own clock, since ours may be off.
  const sent = Date.parse(headers.get("date") ?? "") || Date.now();
  const until = /[a-z]{3}/i.test(spelled) ? Date.parse(spelled) - sent : Number.NaN;
  return until > 0 ? until : undefined;
}

/**
 * Milliseconds that the body of an error asks to wait: Google's `RetryInfo` in `details`, or a member `retry_after`.
 * Source: https://github.com/vercel/ai/issues/18627
 */
export function retryDelayIn(levels: readonly Readonly<Record<string, unknown>>[]): number | undefined {
  for (const level of levels) {
    const details: readonly unknown[] = Array.isArray(level.details) ? level.details : [];
    const delays = details.map((detail) => (isPlainObject(detail) ? durationMs(detail.retryDelay) : undefined));
    const delay =
      delays.find((ms) => ms !== undefined) ?? waitOf(level.retry_after_ms) ?? inMs(waitOf(level.retry_after));
    if (delay !== undefined) return delay;
  }
  return undefined;
}

/** A duration as JSON spells those of protobuf: `"45.8s"`, or seconds and nanoseconds. https://protobuf.dev/programming-guides/json */
function durationMs(duration: unknown): number | undefined {
  if (typeof duration === "string") return inMs(waitOf(/^([\d.]+)s$/.exec(duration.trim())?.[1]));
  if (!isPlainObject(duration)) return undefined;
  const seconds = waitOf(duration.seconds);
  return seconds === undefined ? undefined : seconds * 1000 + (waitOf(duration.nanos) ?? 0) / 1e6;
}

/** A finite number from 0 on, also as text. What is larger than any number, such as `1e309`, asks for nothing. */
function waitOf(value: unknown): number | undefined {
  const isSpelled = typeof value === "string" && value.trim() !== "";
  const wait = isSpelled || typeof value === "number" ? Number(value) : Number.NaN;
  return wait >= 0 && Number.isFinite(wait) ? wait : undefined;
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : waitOf(seconds * 1000);
}
