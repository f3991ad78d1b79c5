import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A loader that fails whenever a file of the package is loaded as an ES module, as Node does with no descriptor free. */
const failing = (name: string) =>
  `data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(\`
    export async function load(url, context, next) {
      if (!url.includes("/node_modules/${name}/")) return next(url, context);
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    }
  \`));
`)}`;

/** Asks twice in a process of its own; returns what each call came to, and what nobody handled. */
function askTwice(
  name: string,
  reference: string,
): { readonly calls: readonly any[]; readonly unhandled: readonly string[] } {
  const code = `
    import { call } from "callwright";
    import { wireServer } from "callwright/testing";
    const unhandled = [];
    process.on("unhandledRejection", (error) => unhandled.push(String(error)));
    const server = await wireServer();
    const ask = call(${JSON.stringify(reference)}, server.${reference.split("/")[0]})(() => "Hi");
    const calls = [];
    for (let count = 0; count < 2; count++)
      calls.push(await ask().then(
        ({ content, cost, warnings }) => ({ content, cost, warnings: warnings.map(({ code }) => code) }),
        ({ code, message }) => ({ code, message }),
      ));
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ calls, unhandled }));
    await server.close();
    process.exit(0);
  `;
  const flags = ["--no-warnings", "--import", failing(name), "--input-type=module", "--eval", code];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }));
}

describe("a package whose import fails for a reason that may pass", () => {
  test.each([
    ["openai", "openai/gpt-4o-mini"],
    ["@anthropic-ai/sdk", "anthropic/claude-haiku-4-5"],
    ["undici", "openai/gpt-4o-mini"],
    ["@pydantic/genai-prices", "openai/gpt-4o-mini"],
  ])("is loaded from its CommonJS build: %s", (name, reference) => {
    const { calls, unhandled } = askTwice(name, reference);
    expect(unhandled).toEqual([]);
    expect(calls).toEqual([
      { content: "Hello from the wire server.", cost: expect.any(Number), warnings: [] },
      { content: "Hello from the wire server.", cost: expect.any(Number), warnings: [] },
    ]);
  });
});

test("a package that can be loaded in no way fails or warns, ends no process, and is loaded by a later call", () => {
  // Imports of all five fail for good; that they cannot be required either passes when the program says so.
  const names = ["openai", "@anthropic-ai/sdk", "undici", "@pydantic/genai-prices", "zod", "zod-to-json-schema"];
  const flags = names.flatMap((name) => ["--import", failing(name)]);
  const code = `
    import Module, { createRequire } from "node:module";
    const stuck = new Set();
    const load = Module._load;
    Module._load = function (request, ...rest) {
      if (stuck.has(request)) throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
      return load.call(this, request, ...rest);
    };
    const { call, tool } = await import("callwright");
    const { wireServer } = await import("callwright/testing");
    const unhandled = [];
    process.on("unhandledRejection", (error) => unhandled.push(String(error)));
    const server = await wireServer();
    const require = createRequire(import.meta.url);
    const plain = (reference) => call(reference, server[reference.split("/")[0]])(() => "Hi");
    const withSchema = (schema) => {
      const input = Object.assign(Object.create(schema), { "~standard": { ...schema["~standard"], jsonSchema: undefined } });
      return call("openai/gpt-4o-mini", { ...server.openai, responseModel: input })(() => "Hi");
    };
    const openai = plain("openai/gpt-4o-mini");
    const anthropic = plain("anthropic/claude-haiku-4-5");
    const zod4 = withSchema(require("zod").z.object({}));
    const zod3 = withSchema(require("zod-3").z.object({}));
    const outcomes = [];
    const ask = async (what, ask, ...names) => {
      stuck.clear();
      for (const name of names) stuck.add(name);
      const outcome = await ask().then(
        (made) => ("warnings" in made ? ["answered", typeof made.cost, made.warnings.map(({ code }) => code)] : ["answered"]),
        ({ code, message }) => [code, /EMFILE/.test(message) && /next call tries again/.test(message)],
      );
      outcomes.push([what, ...outcome]);
    };
    const prices = "@pydantic/genai-prices";
    await ask("undici", openai, "undici", prices);
    await ask("openai", openai, "openai", prices);
    await ask("prices", openai, prices);
    const streamed = call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi");
    await ask("prices of a stream", async () => (await streamed()).response(), prices);
    await ask("all", openai);
    await ask("anthropic", anthropic, "@anthropic-ai/sdk");
    await ask("all", anthropic);
    server.reply({ text: "{}" });
    await ask("zod 4", zod4, "zod/v4/core");
    await ask("all", zod4);
    await ask("zod 3", zod3, "zod-to-json-schema");
    await ask("all", zod3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ outcomes, unhandled }));
    process.exit(0);
  `;
  const args = ["--no-warnings", ...flags, "--input-type=module", "--eval", code];
  const { outcomes, unhandled } = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }));
  expect(unhandled).toEqual([]);
  expect(outcomes).toEqual([
    ["undici", "configuration", true],
    ["openai", "configuration", true],
    ["prices", "answered", "undefined", ["prices_not_loaded"]],
    ["prices of a stream", "answered", "undefined", ["prices_not_loaded"]],
    ["all", "answered", "number", []],
    ["anthropic", "configuration", true],
    ["all", "answered", "number", []],
    ["zod 4", "configuration", true],
    ["all", "answered"],
    ["zod 3", "configuration", true],
    ["all", "answered"],
  ]);
});

test("the time that it takes to load an SDK has no part in the wait for the first event", () => {
  const slow = `data:text/javascript,${encodeURIComponent(`
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(\`
      export async function load(url, context, next) {
        if (url.endsWith("/node_modules/openai/index.mjs")) await new Promise((resolve) => setTimeout(resolve, 6000));
        return next(url, context);
      }
    \`));
  `)}`;
  const code = `
    import { call } from "callwright";
    import { wireServer } from "callwright/testing";
    const server = await wireServer();
    const options = { ...server.openai, stream: true, timeouts: { firstEventMs: 5000 } };
    const stream = await call("openai/gpt-4o-mini", options)(() => "Hi")();
    console.log((await stream.response()).content, server.requests.length);
    process.exit(0);
  `;
  const flags = ["--no-warnings", "--import", slow, "--input-type=module", "--eval", code];
  const printed = execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
  expect(printed).toBe("Hello from the wire server. 1\n");
});
