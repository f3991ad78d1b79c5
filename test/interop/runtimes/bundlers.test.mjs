import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { after, test } from "node:test";
import { build } from "esbuild";
import webpack from "webpack";
import { here, programs, run } from "./programs.mjs";
import { suiteServer } from "./server.mjs";

// @anthropic-ai/sdk is not installed in this package: every bundle is one with a single SDK.

const server = await suiteServer();
const folder = await mkdtemp(`${here}out-`);
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function assertRuns(bundle) {
  const env = { SUITE_BASE_URL: server.openai.baseURL };
  const results = JSON.parse(await run(programs.node(), [bundle], { env }));
  assert.deepEqual(
    Object.values(results).filter((result) => result !== "ok"),
    [],
  );
}

const forNode = (options) =>
  build({
    entryPoints: [`${here}main.mjs`],
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    ...options,
  });

test("an esbuild bundle for Node runs with the banner that the docs show", async () => {
  const js = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await forNode({ outfile: `${folder}/banner.mjs`, banner: { js } });
  await assertRuns(`${folder}/banner.mjs`);
});

test("an esbuild bundle without it says what is missing", async () => {
  await forNode({ outfile: `${folder}/bare.mjs` });
  const env = { SUITE_BASE_URL: server.openai.baseURL };
  const results = JSON.parse(await run(programs.node(), [`${folder}/bare.mjs`], { env }));
  assert.match(results["answers a plain call"], /^ConfigurationError: .*undici was bundled into an ES module.*banner/);
});

test("a webpack bundle builds with a warning for the SDK that is missing, and runs", async () => {
  const stats = await new Promise((resolve, reject) => {
    const config = {
      mode: "production",
      target: "node20",
      entry: `${here}main.mjs`,
      output: { path: `${folder}/webpack`, filename: "main.mjs", module: true, chunkFormat: "module" },
      experiments: { outputModule: true },
      optimization: { minimize: false },
    };
    webpack(config, (error, result) => (error ? reject(error) : resolve(result)));
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual(errors, []);
  assert.deepEqual(
    warnings.filter(({ message }) => !message.includes("@anthropic-ai/sdk")),
    [],
  );
  await assertRuns(`${folder}/webpack/main.mjs`);
});
