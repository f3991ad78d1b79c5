import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { ownThroughout } from "../../own.js";
import { withMarks } from "./masks.js";
import type { RecordedExchange } from "./recorded.js";

const version = 1;

/** Says that requests have marks. In older cassettes, `***` may be a mask or what was said. */
const marks = "<***>";

export function cassetteText(exchanges: readonly RecordedExchange[]): string {
  return `${JSON.stringify({ version, marks, exchanges }, null, 2)}\n`;
}

/** @throws ConfigurationError if the text is not a cassette; it names the exchange, counted from 1, and its member. */
export function parseCassette(text: string, path: string): readonly RecordedExchange[] {
  const cassette = parsed(text);
  if (!isPlainObject(cassette) || cassette.version !== version || !Array.isArray(cassette.exchanges))
    throw new ConfigurationError(
      `${path} is not a cassette of version ${version}. Record it anew with mode: "update".`,
    );
  for (const [index, exchange] of cassette.exchanges.entries()) {
    const problem = problemOf(exchange);
    if (problem)
      throw new ConfigurationError(
        `${path} is not a cassette of version ${version}: in exchange ${index + 1}, ${problem}. Correct it, or record it anew with mode: "update".`,
      );
  }
  const exchanges: readonly RecordedExchange[] = cassette.exchanges;
  return cassette.marks === marks
    ? exchanges
    : exchanges.map((exchange) => ({ ...exchange, request: withMarks(exchange.request) }));
}

function parsed(text: string): unknown {
  try {
    return ownThroughout(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function problemOf(exchange: unknown): string | undefined {
  if (!isPlainObject(exchange)) return "an object is expected";
  const { request, response } = exchange;
  if (!isPlainObject(request)) return "request must be an object";
  for (const name of ["method", "path"])
    if (typeof request[name] !== "string") return `request.${name} must be a string`;
  if (!isPlainObject(response)) return "response must be an object";
  const { status, headers, chunks } = response;
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599)
    return `response.status must be an integer from 200 to 599, not ${shown(status)}`;
  if (!isPlainObject(headers)) return "response.headers must be an object";
  for (const [name, value] of Object.entries(headers))
    if (!isHeader(name, value)) return `response.headers[${shown(name)}] cannot be sent as a header`;
  if (chunks !== undefined && !(Array.isArray(chunks) && chunks.every((chunk) => typeof chunk === "string")))
    return "response.chunks must be a list of strings";
  return undefined;
}

function isHeader(name: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

/** A message quotes only the beginning of what stands in a file. */
function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80);
}
