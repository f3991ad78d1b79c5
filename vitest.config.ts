import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

/** One decorator mode: the emitted tests of test/modes, against the built package by its own name. */
const mode = (name: "legacy" | "tc39") => ({
  test: {
    name,
    include: [`.modes/${name}/**/*.test.js`],
    env: { DECORATOR_MODE: name },
    server: { deps: { external: [/\/dist\//] } },
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        resolve: {
          alias: [
            { find: /^callwright$/, replacement: source("index.ts") },
            { find: /^callwright\/testing$/, replacement: source("testing/index.ts") },
            { find: /^#transport$/, replacement: source("transport/node.ts") },
            { find: /^#async-context$/, replacement: source("async-context/node.ts") },
          ],
        },
        test: { name: "main", include: ["test/**/*.test.ts"], exclude: ["test/modes/**"] },
      },
      mode("legacy"),
      mode("tc39"),
    ],
  },
});
