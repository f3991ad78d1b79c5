import { call, prompt } from "../../dist/index.js";

// Reads one long stream in a small heap, and says what it took.
const [, , model, access] = process.argv;
const read = call(model, { ...JSON.parse(access), stream: true })(() => prompt`Write on.`);

let characters = 0;
const stream = await read();
for await (const text of stream.textStream({ collect: false })) characters += text.length;
process.send({ characters, kept: stream.content.length, rssMb: process.resourceUsage().maxRSS / 1000 });
process.disconnect();
