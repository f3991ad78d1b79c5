import { runSuite } from "./suite.mjs";

// Bun and Deno have `process` too.
const openai = { baseURL: process.env.SUITE_BASE_URL, apiKey: "sk-suite" };
console.log(JSON.stringify(await runSuite(openai)));
process.exit(0);
