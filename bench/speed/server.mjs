import { wireServer } from "../../dist/testing/index.js";
import { answer, writesOf } from "./load.mjs";

// A process of its own, so that its CPU is not counted.
const server = await wireServer();
const streams = { openai: writesOf("openai"), anthropic: writesOf("anthropic") };
server.reply(({ wire, body }) => (body.stream ? { chunks: streams[wire] } : { text: answer }));
process.on("disconnect", () => process.exit());
process.send({ openai: server.openai, anthropic: server.anthropic });
