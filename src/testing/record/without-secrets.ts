import { namesSecret, redact, redactError } from "../../redact.js";
import type { RecordedExchange } from "./cassette-file.js";

/** Everything that a request authenticates with, and all that the environment holds of this kind. */
export function secretsOf(url: URL, headers: Headers, more: readonly string[]): string[] {
  const carried = [...headers, ...url.searchParams].filter(([name]) => namesSecret(name)).map(([, value]) => value);
  const environment = Object.entries(process.env).flatMap(([name, value]) =>
    /_(KEY|TOKEN|SECRET|PASSWORD)$/i.test(name) && value && value.length >= 6 ? [value] : [],
  );
  // A header is a secret without its scheme too.
  return [...carried, ...carried.flatMap((value) => value.split(" ").slice(1)), ...environment, ...more];
}

/** A copy for the file. What is no body, path or harmless header was never in it. */
export function withoutSecrets(exchange: RecordedExchange, secrets: readonly string[]): RecordedExchange {
  const { response } = exchange;
  const copy = structuredClone({
    ...exchange,
    response: { ...response, ...(response.chunks && { chunks: chunksWithout(response.chunks, secrets) }) },
  });
  redactError(copy, secrets);
  return copy;
}

/** An event of a stream holds JSON, in which only the strings may be changed. */
function chunksWithout(chunks: readonly string[], secrets: readonly string[]): string[] {
  return spreadOut(chunks, secrets).map((chunk) =>
    chunk.replace(/^(data: ?)(.*)$/gm, (line, field: string, data: string) => {
      try {
        const holder = { data: JSON.parse(data) };
        redactError(holder, secrets);
        return `${field}${JSON.stringify(holder.data)}`;
      } catch {
        return redact(line, secrets);
      }
    }),
  );
}

const textInEvent = /("(?:content|text|delta|arguments|partial_json|refusal|thinking)":\s*)("(?:[^"\\]|\\.)*")/g;

/** What a model says comes in pieces, and so may a secret that it repeats: no piece would look like one. */
function spreadOut(chunks: readonly string[], secrets: readonly string[]): readonly string[] {
  const pieces = chunks.flatMap((chunk) => [...chunk.matchAll(textInEvent)].map(([, , text = '""']) => parsed(text)));
  const whole = pieces.join("");
  const clean = redact(whole, secrets);
  if (clean === whole || clean === pieces.map((piece) => redact(piece, secrets)).join("")) return chunks;
  // All is said by the first piece then; what the pieces were can no longer be told.
  let said = false;
  return chunks.map((chunk) =>
    chunk.replace(textInEvent, (_, name: string, text: string) => {
      if (parsed(text) === "") return `${name}${text}`;
      const shown = said ? '""' : JSON.stringify(clean);
      said = true;
      return `${name}${shown}`;
    }),
  );
}

function parsed(text: string): string {
  try {
    return JSON.parse(text);
  } catch {
    return "";
  }
}
