import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, test } from "node:test";
import { run } from "./programs.mjs";

// What the README's first screen says is done here, word for word but for the path of the archive and the port.

const readme = await readFile(process.env.CALLWRIGHT_README, "utf8");
const blocks = (language) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text]) => text);

const folder = await mkdtemp(`${tmpdir()}/books-`);
after(() => rm(folder, { recursive: true }));

test("a newcomer has the answer of the README's first example after its commands", async () => {
  const [, install, tryOut] = blocks("sh");
  const archive = process.env.CALLWRIGHT_ARCHIVE;
  const commands = install
    .replace("mkdir books && cd books\n", "")
    .replace("../callwright/callwright-0.1.0.tgz", archive);
  await run("sh", ["-ec", commands], { cwd: folder });
  await writeFile(`${folder}/book.ts`, blocks("ts")[0]);
  await writeFile(`${folder}/tsconfig.json`, blocks("json")[0]);

  const [mock, ask] = tryOut.trim().split("\n");
  const [, text] = /--text "(.*)"/.exec(mock);
  const server = spawn(`${folder}/node_modules/.bin/callwright`, ["mock", "--port", "0", "--text", text], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [, port] = await addressIn(server.stdout);
    const output = await run("sh", ["-ec", ask.replace("8788", port)], { cwd: folder });
    assert.match(output, /^The Name of the Wind, by Patrick Rothfuss\n\d+ tokens, [\d.]+ USD\n$/);
  } finally {
    const closed = once(server, "close");
    if (server.kill("SIGTERM")) await closed;
  }
});

/** Reads on, since a program that cannot write any more would end. */
function addressIn(stream) {
  let text = "";
  return new Promise((resolve, reject) => {
    stream.on("data", (data) => {
      text += data;
      const found = /127\.0\.0\.1:(\d+)/.exec(text);
      if (found) resolve(found);
    });
    stream.on("end", () => reject(new Error(`The mock named no address: ${text}`)));
  });
}
