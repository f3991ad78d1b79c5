import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { terminalOf } from "../../src/cli/terminal.js";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A call by hand, so that the modules need no build: it carries the facts that `call()` puts on a function. */
const facts = `
const call = (fn) => {
  const made = async (...args) => JSON.stringify(await fn(...args));
  Object.defineProperty(made, "length", { value: fn.length });
  Object.defineProperty(made, Symbol.for("callwright.call"), { value: { body: fn } });
  return made;
};`;

function folderOf(files: Readonly<Record<string, string>>, type: "module" | "commonjs"): string {
  const cwd = mkdtempSync(join(tmpdir(), "callwright-run-"));
  folders.push(cwd);
  for (const [file, text] of Object.entries({ "package.json": JSON.stringify({ type }), ...files })) {
    mkdirSync(join(cwd, file, ".."), { recursive: true });
    writeFileSync(join(cwd, file), text);
  }
  return cwd;
}

/** Runs the command line in this process. */
async function run(cwd: string, args: readonly string[], stdin: string | Uint8Array = "") {
  const printed = { out: "", err: "" };
  const into = (name: "out" | "err") => ({
    write(text: string) {
      printed[name] += text;
    },
  });
  const terminal = terminalOf({
    stdout: into("out"),
    stderr: into("err"),
    stdin: (async function* () {
      yield stdin;
    })(),
    env: {},
    cwd: () => cwd,
  });
  const code = await runProgram(["run", ...args], "0.0.0", terminal);
  return { code, ...printed };
}

describe("what a module exports", () => {
  test.each<[string, string, string, readonly string[]]>([
    ["module.exports = call(fn)", "a.cjs", `${facts} module.exports = call(() => "Hi");`, []],
    ["module.exports = { go }", "a.cjs", `${facts} module.exports = { go: call(() => "Hi") };`, []],
    ["module.exports = { go }, by its name", "a.cjs", `${facts} module.exports = { go: call(() => "Hi") };`, ["go"]],
    [
      "names that only running it tells",
      "a.cjs",
      `${facts} for (const n of ["go"]) exports[n] = call(() => "Hi");`,
      [],
    ],
    [
      "export default, compiled to CommonJS",
      "a.cjs",
      `${facts} Object.defineProperty(exports, "__esModule", { value: true }); exports.default = call(() => "Hi"); exports.other = call(() => "No");`,
      [],
    ],
    ["export default", "a.mjs", `${facts} export default call(() => "Hi"); export const other = call(() => "No");`, []],
    [
      "one call as default and by its name",
      "a.mjs",
      `${facts} export const go = call(() => "Hi"); export default go;`,
      [],
    ],
    ["an object of calls as default", "a.mjs", `${facts} export default { go: call(() => "Hi") };`, []],
    ["the same, by its longer name", "a.mjs", `${facts} export default { go: call(() => "Hi") };`, ["default.go"]],
  ])("%s is run", async (_, file, text, args) => {
    const cwd = folderOf({ [file]: text }, "commonjs");
    expect(await run(cwd, [file, ...args])).toEqual({ code: 0, out: '"Hi"\n', err: "" });
  });

  test("several calls of a CommonJS module are each listed once", async () => {
    const cwd = folderOf(
      { "a.cjs": `${facts} module.exports = { go: call(() => 1), stop: call(() => 2) };` },
      "commonjs",
    );
    const { code, err } = await run(cwd, ["a.cjs"]);
    expect([code, err]).toEqual([2, "Error: Which call of a.cjs? It exports go, stop.\n"]);
  });
});

const library = `${facts}
export const recommend = call((genre) => genre);
export const add = call(async function (one, two = 2) { return [one, two]; });
export const pick = call(({ genre, year }) => [genre, year]);
export const whole = call((options) => \`\${options}\`);
export const say = call((text) => JSON.stringify(text));
export const json = call((options) => JSON.stringify(options));
export const rest = call((...all) => all);
export const any = call((options) => [options.genre, Object.keys(options)]);
`;
/** The types that a compiler took away. */
const declared = `
/* add(one: number, two: number)
 * rest(...all: number | string)
 * say(text: string)
 * pick({ genre, year }: { genre: string; year?: number }) */`;

describe("arguments", () => {
  const cwd = () =>
    folderOf({ "a.mjs": library + declared, "in.json": '\uFEFF{"genre":"crime"}', "args.json": "[3]" }, "module");

  test.each<[readonly string[], unknown]>([
    [["recommend", "--genre", "fantasy"], "fantasy"],
    [["recommend", "fantasy"], "fantasy"],
    [["recommend", "--args", '["fantasy"]'], "fantasy"],
    [
      ["add", "3", "4"],
      [3, 4],
    ],
    [
      ["add", "-3"],
      [-3, 2],
    ],
    [
      ["add", "--two", "4", "--one", "3"],
      [3, 4],
    ],
    [
      ["add", "3", "--two", "4"],
      [3, 4],
    ],
    [
      ["add", "--args", "@args.json"],
      [3, 2],
    ],
    [
      ["pick", "--genre", "1984", "--year", "1949"],
      ["1984", 1949],
    ],
    [
      ["pick", "--input", "@in.json"],
      ["crime", null],
    ],
    [
      ["pick", "--input", "@in.json", "--year", "1"],
      ["crime", 1],
    ],
    [["json", "--input", '{"a":1}', "--b", "c"], '{"a":1,"b":"c"}'],
    [
      ["rest", "a", "b", "c"],
      ["a", "b", "c"],
    ],
    [
      ["pick", "--genre", "a", "--genre", "b"],
      [["a", "b"], null],
    ],
    [
      ["any", "--genre", "@home", "--x", "1"],
      ["@home", ["genre", "x"]],
    ],
  ])("%j", async (args, made) => {
    const { code, out, err } = await run(cwd(), ["a.mjs", ...args]);
    expect([code, err]).toEqual([0, expect.stringMatching(/^(Warning: Nothing reads --x\.\n)?$/)]);
    expect(JSON.parse(out)).toEqual(made);
  });

  test.each<[string, readonly string[], string | Uint8Array, unknown]>([
    ["a member", ["pick", "--genre", "-"], "fantasy\n", ["fantasy", null]],
    ["an argument", ["recommend", "-"], "fantasy\nand crime\r\n", "fantasy\nand crime"],
    ["JSON behind a byte order mark", ["pick", "--input", "-"], '\uFEFF{"genre":"crime"}', ["crime", null]],
    ["a text behind a byte order mark", ["recommend", "-"], "\uFEFFfantasy", "fantasy"],
    ["UTF-16, as PowerShell writes it", ["recommend", "-"], Buffer.from("\uFEFFfäntasy", "utf16le"), "fäntasy"],
  ])("the standard input is %s", async (_, args, stdin, made) => {
    const { code, out, err } = await run(cwd(), ["a.mjs", ...args], stdin);
    expect([code, err, JSON.parse(out)]).toEqual([0, "", made]);
  });

  test.each<[readonly string[], RegExp]>([
    [["recommend", "--gener", "fantasy"], /recommend has no parameter gener\. Did you mean --genre\?/],
    [["recommend", "a", "b"], /recommend takes one argument, and 2 were given/],
    [["add", "three"], /one is declared as a number, and "three" is not one/],
    [["add", "--two", "4"], /add needs --one/],
    [["pick", "fantasy"], /"fantasy" is not a flag/],
    [["pick", "--year", "soon"], /--year is declared as a number/],
    [["pick", "--genre", "-", "--year", "-"], /The standard input can be read once/],
    [["pick", "--input", "@gone.json"], /The file "gone\.json" of --input cannot be read/],
    [["whole", "--title", "Momo"], /whole uses its argument as text.*with --input/],
    [["say", "--title", "Momo"], /say uses its argument as text.*with --input/],
  ])("%j is refused with the exit code 2", async (args, problem) => {
    const { code, out, err } = await run(cwd(), ["a.mjs", ...args]);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(problem)]);
  });

  test("an object of flags that becomes JSON is warned of if nothing says what the call takes", async () => {
    const { code, out, err } = await run(cwd(), ["a.mjs", "json", "--title", "Momo"]);
    expect([code, JSON.parse(out)]).toEqual([0, '{"title":"Momo"}']);
    expect(err).toBe("Warning: json gets the flags as JSON. If it takes a text, pass the text without a flag.\n");
  });

  test("a flag that nothing reads is warned of, with the name that is nearest", async () => {
    const { code, err } = await run(cwd(), ["a.mjs", "pick", "--gener", "fantasy", "--year", "1973"]);
    expect([code, err]).toEqual([0, "Warning: Nothing reads --gener. Did you mean --genre?\n"]);
  });
});
