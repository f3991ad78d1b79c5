import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { wireServer } from "callwright/testing";

const folder = fileURLToPath(new URL(".", import.meta.url));
const main = fileURLToPath(new URL("node_modules/callwright/dist/cli/main.js", import.meta.url));

/** The key that clients of `startServe()` have to send. */
export const apiKey = "key-of-the-client";

/**
 * Starts `callwright serve library.mjs`, whose calls go to a wire server.
 *
 * @returns The base URL, the wire server, and what ends both.
 */
export async function startServe() {
  const wire = await wireServer();
  const env = { ...process.env, NO_COLOR: "1", CALLWRIGHT_API_KEY: apiKey };
  Object.assign(env, { OPENAI_BASE_URL: wire.openai.baseURL, OPENAI_API_KEY: wire.openai.apiKey });
  const child = spawn(process.execPath, [main, "serve", "library.mjs", "--port", "0"], { cwd: folder, env });
  const baseURL = await saidBy(child, / at (http:\S+)/);
  return {
    baseURL,
    wire,
    /** The body of the last request to the wire server. */
    get sent() {
      return wire.requests.at(-1)?.body;
    },
    async close() {
      if (child.exitCode === null) {
        child.kill();
        await once(child, "exit");
      }
      await wire.close();
    },
  };
}

/** Waits until a process has printed what the pattern finds. */
export function saidBy(child, pattern) {
  let printed = "";
  return new Promise((resolve, reject) => {
    const read = (data) => {
      printed += data;
      const found = pattern.exec(printed);
      if (found) resolve(found[1] ?? found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`The process ended with ${code}:\n${printed}`)));
  });
}

/** Serves a listener on a free port of this machine. */
export async function listen(listener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A text that begins and then says nothing more. */
export async function* onceThenSilence() {
  yield "Once ";
  await new Promise(() => {});
}

/** The error that a promise or a function ends with. */
export async function errorOf(run) {
  try {
    await (typeof run === "function" ? run() : run);
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** The major version of Node that runs this. */
export const nodeMajor = Number(process.versions.node.split(".")[0]);

/** For the options of a test whose package needs a newer Node than this. */
export const needsNode = (major) => (nodeMajor < major ? { skip: `needs Node ${major}` } : {});
