import type { FindSecrets } from "./masks.js";
import type { RecordedExchange } from "./recorded.js";
import { maskIn, removeSecrets } from "./stream-secrets.js";

type Response = RecordedExchange["response"];

/** A response as a cassette has it. Only strings differ from the original, and nothing in events without a secret. */
export function maskResponse(response: Response, find: FindSecrets): Response {
  const { headers, json, chunks } = response;
  const shown = Object.entries(headers).map(([name, value]) => [name, maskIn(value, find)]);
  const masked = { ...response, headers: Object.fromEntries(shown) };
  if (json !== undefined) {
    const body = { data: structuredClone(json) };
    removeSecrets([body], find);
    return { ...masked, json: body.data };
  }
  if (chunks === undefined) return masked;
  const events = chunks.map((chunk) => readEvent(chunk, find));
  removeSecrets(
    events.flatMap(({ values }) => values),
    find,
  );
  return { ...masked, chunks: events.map(({ text }) => text()) };
}

interface Event {
  readonly values: readonly { data: unknown }[];
  /** The event again, after its values were changed. */
  text(): string;
}

/** An event of a stream, lines of JSON, or any other text, which is a value as a whole. */
function readEvent(chunk: string, find: FindSecrets): Event {
  const lines = chunk.split(/(?<=\r\n|\n|\r(?!\n))/);
  if (lines.some((line) => dataLine.test(line))) return readServerSent(lines, find);
  if (!lines.every((line) => line.trim() === "" || isObject(line))) return wholeText(chunk);
  const read = lines.map((line) => readValue(line.trim(), line.slice(line.trimEnd().length)));
  return { values: read.map(({ value }) => value), text: () => read.map(({ text }) => text()).join("") };
}

const dataLine = /^data:/;

function readServerSent(lines: readonly string[], find: FindSecrets): Event {
  const data = lines.filter((line) => dataLine.test(line)).map((line) => endless(line).replace(/^data: ?/, ""));
  // What is spread over several lines is one value, unless a server has forgotten the blank lines between its events.
  const isOne = data.length === 1 || isJson(data.join("\n")) || !data.every(isJson);
  const read = (isOne ? [data.join("\n")] : data).map((text) => readValue(text, ""));
  return {
    values: read.map(({ value }) => value),
    text: () => {
      const texts = read.map(({ text }) => text());
      const isChanged = texts.join("\n") !== data.join("\n");
      let index = 0;
      const write = (line: string) => {
        if (!dataLine.test(line)) return maskIn(line, find);
        if (!isChanged) return line;
        const shown = texts[index++];
        const end = line.slice(endless(line).length);
        return shown === undefined
          ? ""
          : shown
              .split("\n")
              .map((each) => `data: ${each}${end}`)
              .join("");
      };
      return lines.map(write).join("");
    },
  };
}

function endless(line: string): string {
  return line.replace(/[\r\n]+$/, "");
}

/** JSON, or a text that is not. */
function readValue(text: string, end: string): { readonly value: { data: unknown }; text(): string } {
  const value: { data: unknown } = { data: text };
  try {
    value.data = JSON.parse(text);
  } catch {
    return { value, text: () => `${value.data}${end}` };
  }
  const before = JSON.stringify(value.data);
  return {
    value,
    text: () => {
      const after = JSON.stringify(value.data);
      return `${after === before ? text : after}${end}`;
    },
  };
}

function wholeText(chunk: string): Event {
  const value: { data: unknown } = { data: chunk };
  return { values: [value], text: () => String(value.data) };
}

function isObject(line: string): boolean {
  return /^\s*[[{]/.test(line) && isJson(line);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
