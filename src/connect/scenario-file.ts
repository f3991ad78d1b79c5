import { open } from "node:fs/promises";
import { extname } from "node:path";
import { isPlainObject } from "../json.js";
import { parseJsonText } from "../json-text.js";
import { ScenarioError } from "./errors.js";
import { FieldProblem, type Path, pathText, readPersona, readScenario } from "./read-scenario.js";
import type { Persona, Scenario } from "./scenario.js";

const mostBytes = 20_000_000;

/**
 * Reads the scenarios of a YAML or JSON file (`{ personas, scenarios }`), or of a JSONL file (a scenario or a persona on
 * each line).
 *
 * @throws ScenarioError that names the file, the line and the field: also for a file of more than 20 MB, one that is no
 * text, an id that is there twice, and one without scenarios.
 */
export async function loadScenarios(file: string): Promise<readonly Scenario[]> {
  const read = { ".yaml": readYaml, ".yml": readYaml, ".json": readYaml, ".jsonl": readLines, ".ndjson": readLines }[
    extname(file).toLowerCase()
  ];
  if (!read)
    throw new ScenarioError("is of no known kind. Scenarios stand in a .yaml, .json or .jsonl file.", { source: file });
  const scenarios = await read(await textOf(file), file);
  if (scenarios.length === 0) throw new ScenarioError("holds no scenario.", { source: file });
  return scenarios;
}

async function textOf(source: string): Promise<string> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(source, "r");
  } catch (cause) {
    throw new ScenarioError(`cannot be opened (${(cause as NodeJS.ErrnoException).code}).`, { source, cause });
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ScenarioError("is no file.", { source });
    if (stat.size > mostBytes) throw new ScenarioError(`has more than ${mostBytes / 1e6} MB. Divide it.`, { source });
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
    if (text.includes("\0")) throw new TypeError("It holds a zero byte.");
    return text;
  } catch (cause) {
    if (cause instanceof ScenarioError) throw cause;
    throw new ScenarioError("is no text in UTF-8.", { source, cause });
  } finally {
    await handle.close();
  }
}

/** YAML, of which JSON is a part. */
async function readYaml(text: string, source: string): Promise<Scenario[]> {
  const { isNode, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = deep(source, () =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" }),
  );
  const [problem] = [...document.errors, ...document.warnings];
  if (problem)
    throw new ScenarioError(`is no ${/\.json$/i.test(source) ? "JSON" : "YAML"}: ${problem.message}.`, {
      source,
      line: lines.linePos(problem.pos[0]).line,
    });
  const data: unknown = deep(source, () => document.toJS({ maxAliasCount: 100 }));

  const lineOf = (path: Path): number | undefined => {
    // What is missing has no place of its own; then that of what it is missing in.
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  const check = collector(source);
  return check.all(lineOf, () => {
    if (!isPlainObject(data))
      throw new FieldProblem([], "must be an object with scenarios, and personas where they have any.");
    const stranger = Object.keys(data).find((name) => name !== "personas" && name !== "scenarios");
    if (stranger) throw new FieldProblem([stranger], "is not known. A file holds personas and scenarios.");
    if (data.personas !== undefined && !isPlainObject(data.personas))
      throw new FieldProblem(["personas"], "must be an object: a name for each persona.");
    for (const [name, persona] of Object.entries(data.personas ?? {})) check.persona(persona, ["personas", name], name);
    if (!Array.isArray(data.scenarios)) throw new FieldProblem(["scenarios"], "must be a list.");
    for (const [index, scenario] of data.scenarios.entries()) check.scenario(scenario, ["scenarios", index]);
  });
}

async function readLines(text: string, source: string): Promise<Scenario[]> {
  const check = collector(source);
  const lines = text.split(/\r?\n/);
  // Personas first, wherever they stand.
  const parsed = lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const read = parseJsonText(index === 0 ? line.replace(/^\uFEFF/, "") : line);
    if ("problem" in read) throw new ScenarioError(`is no JSON. ${read.problem}`, { source, line: index + 1 });
    return [{ line: index + 1, value: read.value }];
  });
  const typed = parsed.map(({ line, value }) => {
    const { type = "scenario", ...rest } = isPlainObject(value) ? value : { value };
    if (type !== "scenario" && type !== "persona")
      throw new ScenarioError(`is ${JSON.stringify(type)}; a line is a "scenario" or a "persona".`, {
        source,
        line,
        field: "type",
      });
    return { line, type, value: isPlainObject(value) ? rest : value };
  });
  for (const { line, type, value } of typed)
    if (type === "persona")
      check.all(
        () => line,
        () => check.persona(value, []),
      );
  for (const { line, type, value } of typed)
    if (type === "scenario")
      check.all(
        () => line,
        () => check.scenario(value, []),
      );
  return check.scenarios;
}

function collector(source: string) {
  const personas = new Map<string, Persona>();
  const ids = new Set<string>();
  const scenarios: Scenario[] = [];
  return {
    scenarios,
    persona(value: unknown, path: Path, name?: string) {
      const persona = readPersona(value, path, name);
      if (personas.has(persona.name))
        throw new FieldProblem([...path, "name"], `is ${JSON.stringify(persona.name)} once more.`);
      personas.set(persona.name, persona);
    },
    scenario(value: unknown, path: Path) {
      const scenario = readScenario(value, path, personas);
      if (ids.has(scenario.id))
        throw new FieldProblem([...path, "id"], `is ${JSON.stringify(scenario.id)} once more. Ids are unique.`);
      ids.add(scenario.id);
      scenarios.push(scenario);
    },
    all(lineOf: (path: Path) => number | undefined, read: () => void): Scenario[] {
      try {
        read();
        return scenarios;
      } catch (error) {
        if (!(error instanceof FieldProblem)) throw error;
        throw new ScenarioError(error.message, {
          source,
          line: lineOf(error.path),
          field: pathText(error.path) || undefined,
        });
      }
    },
  };
}

/** What is nested too deeply, or grows too large by references, ends in a RangeError or ReferenceError. */
function deep<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ScenarioError("cannot be read: it is nested too deeply, or its references make it too large.", {
      source,
      cause,
    });
  }
}
