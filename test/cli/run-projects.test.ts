import { wireServer } from "callwright/testing";
import { expect, test } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { terminalOf } from "../../src/cli/terminal.js";
import { envOf, project } from "./project.js";

const asked = (server: Awaited<ReturnType<typeof wireServer>>) =>
  server.requests.map(({ body }) => body.messages.at(-1).content);

test("the default export of TypeScript in a CommonJS package runs from a folder above, with the paths of its tsconfig", async () => {
  using here = project(
    {
      "tsconfig.json": JSON.stringify({ compilerOptions: {} }),
      "app/tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@words/*": ["./words/*"] } } }),
      "app/words/tone.ts": 'export const tone: string = "kindly";',
      "app/librarian.ts": `import { call } from "callwright";
import { tone } from "@words/tone";
export default call("openai/gpt-4o-mini")((genre: string, pages: number) => \`Recommend \${tone} a \${genre} book of \${pages + 1} pages.\`);`,
    },
    "commonjs",
  );
  await using server = await wireServer();
  const { code, err } = await here.run(
    ["run", "app/librarian.ts", "--genre", "fantasy", "--pages", "299"],
    envOf(server),
  );
  expect(code, err).toBe(0);
  expect(asked(server)).toEqual(["Recommend kindly a fantasy book of 300 pages."]);
});

test("a flag that nothing reads is warned of before the request is sent", async () => {
  await using server = await wireServer();
  using here = project({
    "a.mjs": `import { call, model, promptTemplate } from "callwright";
const mini = model("openai/gpt-4o-mini", ${JSON.stringify(server.openai)});
export const recommend = call(mini)(promptTemplate("Recommend a {genre} book.")((_) => {}));`,
  });
  const warnings: [string, number][] = [];
  const terminal = terminalOf({
    stdout: { write() {} },
    stderr: { write: (line) => void warnings.push([line, server.requests.length]) },
    stdin: (async function* () {})(),
    env: {},
    cwd: () => here.cwd,
  });
  const code = await runProgram(["run", "a.mjs", "--genre", "fantasy", "--gener", "crime"], "0", terminal);
  expect(code).toBe(0);
  expect(warnings).toContainEqual(["Warning: Nothing reads --gener.\n", 0]);
  expect(asked(server)).toEqual(["Recommend a fantasy book."]);

  expect(await runProgram(["run", "a.mjs", "--gener", "crime"], "0", terminal)).toBe(1);
  expect(warnings.map(([line]) => line)).toContain("Warning: Nothing reads --gener. Did you mean --genre?\n");
  expect(server.requests).toHaveLength(1);
});
