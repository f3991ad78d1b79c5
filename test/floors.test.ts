import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript-6";
import { expect, test } from "vitest";

/** The order in which the source is read. An entry is a file, or a folder whose files answer one question. */
const readingOrder = [
  "brand.ts",
  "realm.ts",
  "json.ts",
  "own.ts",
  "literal-pattern.ts",
  "error-base.ts",
  "bounded-map.ts",
  "errors.ts",
  "numbers.ts",
  "secret-forms.ts",
  "redact.ts",
  "visible.ts",
  "json-text.ts",
  "partial-json.ts",
  "nearest.ts",
  "optional-package.ts",
  "decorate.ts",
  "wait.ts",
  "close-quietly.ts",
  "drop-promise.ts",
  "async-context/",
  "scope.ts",
  "media/",
  "part-source.ts",
  "content.ts",
  "message.ts",
  "tool-use.ts",
  "schema/",
  "fields.ts",
  "model.ts",
  "incomplete.ts",
  "tokens.ts",
  "transport/",
  "foreign-model.ts",
  "template/",
  "tool/",
  "pricing.ts",
  "settings.ts",
  "prompt/",
  "answer.ts",
  "continuation.ts",
  "response.ts",
  "collect.ts",
  "chunk.ts",
  "stream.ts",
  "providers/",
  "resilience/",
  "output/",
  "call/",
  "parallel.ts",
  "session/",
  "gateway/",
  "web/",
  "index.ts",
  "testing/",
  "connect/",
  "cli/",
];

const src = new URL("../src/", import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .sort();
const texts = new Map(files.map((file) => [file, readFileSync(new URL(file, src), "utf8")]));

const entryOf = (file: string) =>
  readingOrder.find((entry) => (entry.endsWith("/") ? file.startsWith(entry) : file === entry));
const floorOf = (file: string) => readingOrder.indexOf(entryOf(file) ?? "");

/** What a file imports from this package, statically, dynamically or as types, as paths in src. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(texts.get(file) ?? "", true, true);
  return importedFiles.flatMap(({ fileName: specifier }) => {
    if (specifier.startsWith("#")) return [`${specifier.slice(1)}/node.ts`];
    if (!specifier.startsWith(".")) return [];
    return [posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts")];
  });
}

const edges = files.flatMap((file) => importsOf(file).map((imported) => ({ file, imported })));

const lineCounts = files.map((file) => ({ file, lines: (texts.get(file) ?? "").trimEnd().split("\n").length }));

test("every source file has its place in the reading order", () => {
  expect(files.filter((file) => entryOf(file) === undefined)).toEqual([]);
});

test("every entry of the reading order exists", () => {
  expect(readingOrder.filter((entry) => !files.some((file) => entryOf(file) === entry))).toEqual([]);
});

test("a file imports only from above itself in the reading order, types included", () => {
  const upward = edges.filter(({ file, imported }) => floorOf(imported) > floorOf(file));
  expect(upward.map(({ file, imported }) => `${file} imports ${imported}, which stands below it`)).toEqual([]);
});

test("every relative import names a source file", () => {
  const lost = edges.filter(({ imported }) => !texts.has(imported));
  expect(lost.map(({ file, imported }) => `${file} imports ${imported}, which is not there`)).toEqual([]);
});

test("no file reaches itself through its imports", () => {
  const cycles = files.flatMap((start) => {
    const reached = new Set<string>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const next of importsOf(file)) {
        if (next === start) return [`${start} reaches itself by way of ${file}`];
        if (!reached.has(next)) {
          reached.add(next);
          open.push(next);
        }
      }
    }
    return [];
  });
  expect(cycles).toEqual([]);
});

test("the source imports the file that it means, never an index.ts", () => {
  const barrels = edges.filter(({ imported }) => /(^|\/)index\.ts$/.test(imported));
  expect(barrels.map(({ file, imported }) => `${file} imports ${imported}`)).toEqual([]);
});

test("no source file has more than 400 lines", () => {
  expect(lineCounts.filter(({ lines }) => lines > 400)).toEqual([]);
});

test("the median source file has at most 100 lines", () => {
  const lines = lineCounts.map((count) => count.lines).sort((a, b) => a - b);
  expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(100);
});

test("no folder is named after nothing", () => {
  const folders = new Set(files.flatMap((file) => posix.dirname(file).split("/")));
  expect([...folders].filter((folder) => ["utils", "helpers", "common", "types"].includes(folder))).toEqual([]);
});

test("the source defines decorators and never uses one", () => {
  const uses = files.filter((file) => {
    let found = false;
    const visit = (node: ts.Node): void => {
      found ||= ts.isDecorator(node);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, texts.get(file) ?? "", ts.ScriptTarget.ES2022));
    return found;
  });
  expect(uses).toEqual([]);
});
