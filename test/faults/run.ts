import { type CallSettings, call, type Middleware, model, retry } from "callwright";
import type { Cell, Ending, Outcome, Row } from "./row.js";
import { elapse } from "./virtual-clock.js";

/** What the server says where nothing is wrong. */
export const good = "Hello from the wire server.";

/** Long enough for a request to come and go on a busy machine, short enough for a table of them. */
const quickly = [retry({ delayMs: () => 1 })];

/** One call, whole or read chunk by chunk. */
export async function ask(
  { reference, streamed, onDefaults, server, provider }: Cell,
  settings: CallSettings & { readonly use?: readonly Middleware[] } = {},
  access: { readonly baseURL: string; readonly apiKey: string } = server[provider],
): Promise<Outcome> {
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
    : { ...settings, use: [...(settings.use ?? quickly), counted] };
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
  const ended = await (onDefaults ? elapse(outcome(), server) : outcome());
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
