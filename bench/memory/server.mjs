import { wireServer } from "../../dist/testing/index.js";

/** The sizes of what is streamed. */
export const megabytes = 96;
export const pieceBytes = 4096;

if (process.send) {
  // A process of its own, so that its memory is not counted.
  const server = await wireServer();
  const piece = "x".repeat(pieceBytes);
  async function* text() {
    for (let sent = 0; sent < megabytes * 1e6; sent += pieceBytes) yield piece;
  }
  server.reply(() => ({ text: text() }));
  process.on("disconnect", () => process.exit());
  process.send({ openai: server.openai, anthropic: server.anthropic });
}
