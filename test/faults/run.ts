import { type CallSettings, call, type LanguageModel, type Middleware, model, retry } from "callwright";
import type { Cell, Ending, Outcome, Row } from "./row.js";
import { elapse } from "./virtual-clock.js";

/** What the server says where nothing is wrong. */
export const good = "Hello from the wire server.";

const quickly = retry({ delayMs: () => 1 });

/** For `use`: on the defaults nothing, since every call has a retry; else one that loses no time. */
export function retriesFor({ onDefaults }: Cell): readonly Middleware[] {
  return onDefaults ? [] : [quickly];
}

/** The whole text of an answer, plain or streamed. */
export async function textOf({ streamed }: Cell, asked: LanguageModel, input = "Hi"): Promise<string> {
  if (!streamed) return (await call(asked)(() => input)()).content;
  return (await (await call(asked, { stream: true })(() => input)()).response()).content;
}

/** Waits in real time, or on the virtual clock where the cell runs on one. */
export function inTime<T>({ onDefaults, server }: Cell, pending: Promise<T>): Promise<T> {
  return onDefaults ? elapse(pending, server) : pending;
}

/** One call, whole or read chunk by chunk. */
export async function ask(
  cell: Cell,
  settings: CallSettings & { readonly use?: readonly Middleware[] } = {},
  access: { readonly baseURL: string; readonly apiKey: string } = cell.server[cell.provider],
): Promise<Outcome> {
  const { reference, streamed, onDefaults, server } = cell;
  await using asked = model(reference, access);
  let tries = 0;
  // Under the retry, so that it sees each try, also one that reaches no server.
  const counted: Middleware = (inner) => ({
    id: inner.id,
    run(request) {
      tries++;
      return inner.run(request);
    },
  });
  const options = onDefaults
    ? { use: [retry(), counted] }
    : { ...settings, use: [...(settings.use ?? [quickly]), counted] };
  let shown = "";
  const outcome = async (): Promise<Outcome> => {
    try {
      if (!streamed) {
        const response = await call(asked, options)(() => "Hi")();
        return { answer: response.content, response, shown, requests: 0 };
      }
      const stream = await call(asked, { ...options, stream: true })(() => "Hi")();
      for await (const [chunk] of stream) shown = chunk.text;
      return { answer: shown, response: await stream.response(), shown, requests: 0 };
    } catch (error) {
      return { error, shown, requests: 0 };
    }
  };
  const ended = await inTime(cell, outcome());
  return { ...ended, requests: server.requests.length || tries };
}

export async function runRow(row: Row, cell: Cell): Promise<Outcome> {
  cell.server.reply(...(row.replies?.(cell) ?? [{}]));
  if (row.run) return row.run(cell);
  if (!row.elsewhere) return ask(cell, row.settings);
  const { baseURL, requests, close } = await row.elsewhere(cell);
  try {
    const outcome = await ask(cell, row.settings, { ...cell.server[cell.provider], baseURL });
    return { ...outcome, requests: requests?.() ?? outcome.requests };
  } finally {
    await close?.();
  }
}

/** The end of a cell as the table tells it. */
export function endingOf({ error, ends: told = "answers", shown, requests }: Outcome): Ending {
  if (error === undefined) return { ends: told, requests };
  const ends = error.phase === undefined ? error.name : `${error.name} (${error.phase})`;
  return { ends, requests, ...(shown !== "" && { shown }) };
}
