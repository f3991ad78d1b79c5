// Record what a provider answers, then test without it: the real SDK runs on the recording, without network or key.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call } from "callwright";
import { type Cassette, record, wireServer } from "callwright/testing";

// In a project of your own, leave the folder out: it is "cassettes", and belongs into the repository.
const folder = await mkdtemp(join(tmpdir(), "cassettes-"));
// This stands for the provider, and for the key in your environment.
const server = await wireServer();
server.reply({ text: ["Momo", ", by Michael Ende"] });

async function recommend(cassette: Cassette, genre: string): Promise<string> {
  const options = { ...server.openai, ...cassette.access, stream: true } as const;
  const stream = await call("openai/gpt-4o-mini", options)(() => `Recommend a ${genre} book`)();
  const pieces: string[] = [];
  for await (const [chunk] of stream) if (chunk.content) pieces.push(chunk.content);
  return pieces.join("|");
}

{
  const cassette = record("recommend", { folder, mode: "once" });
  console.log(cassette.replays, await recommend(cassette, "fantasy"));
  await cassette.close();
}
await server.close();

const cassette = record("recommend", { folder, mode: "once" });
console.log(cassette.replays, await recommend(cassette, "fantasy"));

const file = await readFile(cassette.path, "utf8");
console.log(`the key ${file.includes(server.openai.apiKey) ? "is" : "is not"} in it`);

await recommend(cassette, "crime").catch((error: Error) =>
  console.log(error.message.replace(cassette.path, "recommend.json")),
);
await rm(folder, { recursive: true });
