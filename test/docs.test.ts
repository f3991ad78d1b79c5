import { fork, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer } from "./docs/answer.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = `${root}.docs/`;

interface Block {
  readonly code: string;
  /** The line of the page on which the code begins. */
  readonly line: number;
  readonly runs: boolean;
  readonly replies: readonly WireReply[];
}

const pages = ["README.md", ...readdirSync(`${root}docs`).map((file) => `docs/${file}`)]
  .filter((page) => page.endsWith(".md"))
  .map((page) => ({ page, folder: page.replace("/", "-"), blocks: blocksOf(readFileSync(`${root}${page}`, "utf8")) }))
  .filter(({ blocks }) => blocks.length > 0);

/** The TypeScript of a page, with the replies that stand in a comment above a block. */
function blocksOf(text: string): Block[] {
  let end = 0;
  return [...text.matchAll(/^[ \t]*```(\w*)([^\n]*)\n([\s\S]*?)^[ \t]*```[ \t]*$/gm)].flatMap((match) => {
    const [whole, language, flags = "", code = ""] = match;
    const above = text.slice(end, match.index);
    end = match.index + whole.length;
    if (language !== "ts" && language !== "typescript") return [];
    const line = text.slice(0, match.index).split("\n").length + 1;
    const replies = /<!--\s*replies:([\s\S]*?)-->/.exec(above)?.[1];
    return [{ code, line, runs: !flags.includes("no-run"), replies: replies ? JSON.parse(replies) : [] }];
  });
}

let server: WireServer;
let compilerSays: string;

beforeAll(async () => {
  server = await wireServer();
  rmSync(work, { recursive: true, force: true });
  for (const { folder, blocks } of pages) {
    mkdirSync(`${work}${folder}`, { recursive: true });
    // Blank lines in front make the compiler and stack traces speak of the page's own lines.
    for (const [index, { code, line }] of blocks.entries())
      writeFileSync(`${work}${folder}/${index + 1}.ts`, "\n".repeat(line - 1) + code);
  }
  const tsconfig = {
    extends: "../test/types/tsconfig.json",
    compilerOptions: { noEmit: false, rootDir: ".", outDir: "out", sourceMap: true, moduleDetection: "force" },
    include: ["*/*.ts"],
  };
  mkdirSync(work, { recursive: true });
  writeFileSync(`${work}tsconfig.json`, JSON.stringify(tsconfig));
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  compilerSays = pages.length === 0 ? "" : spawnSync(process.execPath, [tsc, "-p", work], { encoding: "utf8" }).stdout;
}, 60_000);

afterAll(() => server.close());

test("every TypeScript block in the README and in docs/ compiles", () => {
  expect(compilerSays).toBe("");
});

for (const { page, folder, blocks } of pages) {
  test(`every TypeScript block of ${page} runs, and the process then ends by itself`, { timeout: 60_000 }, async () => {
    const child = fork(`${root}test/docs/run-blocks.mjs`, {
      execArgv: ["--enable-source-maps"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        OPENAI_API_KEY: server.openai.apiKey,
        OPENAI_BASE_URL: server.openai.baseURL,
        ANTHROPIC_API_KEY: server.anthropic.apiKey,
        ANTHROPIC_BASE_URL: server.anthropic.baseURL,
      },
    });
    const printed: string[] = [];
    child.stdout?.on("data", (data) => printed.push(String(data)));
    child.stderr?.on("data", (data) => printed.push(String(data)));
    const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
    try {
      for (const [index, { line, runs, replies }] of blocks.entries()) {
        if (!runs) continue;
        const left = [...replies];
        server.reply((request) => left.shift() ?? answer(request));
        const done = new Promise<string | undefined>((resolve) =>
          child.once("message", ({ error }: any) => resolve(error)),
        );
        child.send(`${work}out/${folder}/${index + 1}.js`);
        const outcome = await Promise.race([done, exit.then((code) => `exited with ${code}\n${printed.join("")}`)]);
        if (outcome !== undefined) throw new Error(`the block at ${page}:${line} ${outcome}`);
        expect(left, `replies that the block at ${page}:${line} did not ask for`).toEqual([]);
      }
      child.disconnect();
      expect(await exit, printed.join("")).toBe(0);
    } finally {
      child.kill();
    }
  });
}
