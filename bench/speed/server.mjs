import { wireServer } from "../../dist/testing/index.js";
import { bodies, writesOf } from "./load.mjs";

// A process of its own, so that its CPU is not counted; and all that it says is made before, so that it keeps up.
// What is checked is the client's speed, and the rules of the strict mode would be new in the figures.
const server = await wireServer({ strict: false });
const streams = { openai: writesOf("openai"), anthropic: writesOf("anthropic") };
server.reply(({ wire, body }) => (body.stream ? { chunks: streams[wire] } : { raw: bodies[wire] }));
process.on("disconnect", () => process.exit());
process.send({ openai: server.openai, anthropic: server.anthropic });
