import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

/** Milliseconds until a test counts as hung. A busy machine must not fail one that only waits for its turn. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Tests of what a process has once, such as its list of providers: each of their files gets a process of its own. */
const alone = ["test/calls/warm-up.test.ts", "test/providers/preset*.test.ts"];

/** One build of the decorator tests: the emitted files of test/modes, against the built package by its own name. */
const build = (name: string, mode: "legacy" | "tc39", classFields: "define" | "assign") => ({
  test: {
    name,
    ...patience,
    include: [`.modes/${name}/**/*.test.js`],
    env: { DECORATOR_MODE: mode, CLASS_FIELDS: classFields },
    server: { deps: { external: [/\/dist\//] } },
  },
});

/** The source itself, by the package's own name. */
const resolve = {
  alias: [
    { find: /^callwright$/, replacement: source("index.ts") },
    { find: /^callwright\/testing$/, replacement: source("testing/index.ts") },
    { find: /^callwright\/web$/, replacement: source("web/index.ts") },
    { find: /^callwright\/connect$/, replacement: source("connect/index.ts") },
    { find: /^#transport$/, replacement: source("transport/node.ts") },
    { find: /^#async-context$/, replacement: source("async-context/node.ts") },
  ],
};

export default defineConfig({
  test: {
    // Most tests wait for a server or a process, so that a core has time for more than one.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        resolve,
        test: {
          name: "main",
          ...patience,
          include: ["test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "test/modes/**", "test/pages/**", ...alone],
          // Loading the library anew for each of 200 files takes longer than most of them run.
          isolate: false,
        },
      },
      { resolve, test: { name: "alone", ...patience, include: alone } },
      // These need a browser, which not every machine has.
      { resolve, test: { name: "pages", ...patience, include: ["test/pages/*.test.ts"] } },
      build("legacy", "legacy", "define"),
      build("tc39", "tc39", "define"),
      build("legacy-assign", "legacy", "assign"),
      build("tc39-assign", "tc39", "assign"),
    ],
  },
});
