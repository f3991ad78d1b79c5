export function median(figures) {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1];
}

/** `median (least–most)`. */
export function spread(figures) {
  return `${shown(median(figures))} (${shown(Math.min(...figures))}–${shown(Math.max(...figures))})`;
}

function shown(figure) {
  return figure >= 100 ? figure.toFixed(0) : figure.toFixed(2);
}

/** Prints a Markdown table, so that it can be quoted as it stands. */
export function printTable(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells) => `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  console.log(
    [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)].join("\n"),
  );
}
