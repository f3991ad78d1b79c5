import type { Ending, Row } from "./row.js";

const marks = ["<!-- faults: made by test/faults -->", "<!-- /faults -->"] as const;

/** Both providers must agree, so a fault has two endings: plain and streamed. */
export type Seen = ReadonlyMap<Row, Pick<Row, "plain" | "streamed">>;

export function tableOf(seen: Seen): string {
  const rows = [...seen].map(
    ([{ id, fault }, { plain, streamed }]) => `| ${id} | ${fault} | ${told(plain)} | ${told(streamed)} |`,
  );
  return ["| | fault | a plain call | a stream |", "|---|---|---|---|", ...rows].join("\n");
}

function told(ending: Ending | undefined): string {
  if (!ending) return "";
  const { ends, requests, shown } = ending;
  const tries = `${requests} ${requests === 1 ? "request" : "requests"}`;
  const end = ends.replace(/^\w+Error/, "`$&`");
  return [end, tries, ...(shown ? ["keeps what came"] : [])].join(", ");
}

/** The page with the table between its marks. */
export function withTable(page: string, table: string): string {
  const [open, close] = marks;
  const from = page.indexOf(open);
  const to = page.indexOf(close);
  if (from < 0 || to < from) throw new Error(`The page needs the lines ${open} and ${close}.`);
  return `${page.slice(0, from + open.length)}\n${table}\n${page.slice(to)}`;
}
