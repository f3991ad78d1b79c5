import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { build } from "esbuild";
import { here, programs, run } from "./programs.mjs";
import { suiteServer } from "./server.mjs";

const server = await suiteServer();
const folder = await mkdtemp(`${here}out-`);
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function assertAllOk(results) {
  const titles = Object.keys(results);
  assert.ok(titles.length >= 8, "the whole suite ran");
  assert.deepEqual(results, Object.fromEntries(titles.map((title) => [title, "ok"])));
}

for (const [runtime, args] of [
  ["node", []],
  ["bun", []],
  ["deno", ["run", "-A", "--node-modules-dir=manual"]],
]) {
  test(`the suite passes on ${runtime}`, async () => {
    const env = { SUITE_BASE_URL: server.openai.baseURL };
    assertAllOk(JSON.parse(await run(programs[runtime](), [...args, "main.mjs"], { env })));
  });
}

test("the suite passes on workerd, in a bundle with one SDK only", async () => {
  await build({
    entryPoints: [`${here}worker.mjs`],
    bundle: true,
    platform: "neutral",
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    external: ["node:*"],
    outfile: `${folder}/worker.js`,
    logLevel: "error",
  });
  await writeFile(`${folder}/config.capnp`, workerdConfig);
  // The control channel tells which free port was taken.
  const child = spawn(programs.workerd(), ["serve", `${folder}/config.capnp`, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await portOf(child.stdio[3]);
    const url = `http://127.0.0.1:${port}/?server=${encodeURIComponent(server.openai.baseURL)}`;
    assertAllOk(await (await fetch(url)).json());
  } finally {
    child.kill();
  }
});

async function portOf(control) {
  let text = "";
  for await (const data of control) {
    text += data;
    const [, port] = /"port":\s*(\d+)/.exec(text) ?? [];
    if (port) return port;
  }
  throw new Error(`workerd named no port: ${text}`);
}

const workerdConfig = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["nodejs_compat"],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
