import { wireServer } from "../../dist/testing/index.js";

// A process of its own, so that its memory is not counted. It says back what it was told, and keeps count.
const server = await wireServer();
server.reply(({ body }) => ({ text: `You said: ${body.messages.at(-1).content}`, delayMs: 5 }));
process.on("message", () => {
  const asked = new Map();
  for (const { body } of server.requests) {
    const said = body.messages.at(-1).content;
    asked.set(said, (asked.get(said) ?? 0) + 1);
  }
  process.send({
    requests: server.requests.length,
    doubled: [...asked.values()].filter((count) => count > 1).length,
    peak: server.peakInFlight,
  });
});
process.on("disconnect", () => process.exit());
process.send(server.openai);
