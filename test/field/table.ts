import type { Row, Section } from "./row.js";

const marks = ["<!-- field: written by test/field -->", "<!-- /field -->"] as const;

/** The targets on which a row passed, plain and streamed. */
export type Passed = ReadonlyMap<Row, { readonly plain: readonly string[]; readonly streamed: readonly string[] }>;

export function tableOf(sections: readonly Section[], passed: Passed): string {
  return sections.map((section) => sectionOf(section, passed)).join("\n\n");
}

function sectionOf({ title, rows }: Section, passed: Passed): string {
  const lines = rows.map((row) => {
    const { plain = [], streamed = [] } = passed.get(row) ?? {};
    const cells = [row.id, row.report, row.outcome, plain.join(", "), streamed.join(", "), row.source];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const head = [
    "| | What is sent or answered | What callwright makes of it | Plain | Streamed | Reported in |",
    "|---|---|---|---|---|---|",
  ];
  return [`### ${title}`, "", ...head, ...lines].join("\n");
}

/** The page with the tables between its marks. */
export function withTables(page: string, tables: string): string {
  const [open, close] = marks;
  const from = page.indexOf(open);
  const to = page.indexOf(close);
  if (from < 0 || to < from) throw new Error(`The page needs the lines ${open} and ${close}.`);
  return `${page.slice(0, from + open.length)}\n\n${tables}\n\n${page.slice(to)}`;
}
