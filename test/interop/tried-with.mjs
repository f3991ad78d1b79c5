import { readFileSync, writeFileSync } from "node:fs";

/** What each package is to callwright, in the order of the table. Names are those of package.json. */
const roles = {
  "a client of `serve`: text, streams, tools, agents, structured output, errors, leaving": [
    "openai",
    "openai-v7",
    "ai",
    "ai-v7",
    "@ai-sdk/openai",
    "@ai-sdk/openai-v7",
    "@ai-sdk/openai-compatible",
    "@ai-sdk/openai-compatible-v7",
    "@langchain/openai",
    "@openai/agents",
  ],
  "a server for eleven references: text, streams, tools, values, sessions, errors, and its chaos": [
    "@copilotkit/aimock",
  ],
  "a gateway from OpenAI's wire to Anthropic's": ["@portkey-ai/gateway"],
  "a web framework around `handler`, `pipe` and `toResponse`": [
    "express",
    "compression",
    "fastify",
    "hono",
    "@hono/node-server",
  ],
};

const file = new URL("../../docs/tried-with.md", import.meta.url);
const marks = ["<!-- tried with: made by test/interop -->", "<!-- /tried with -->"];

/** The table of docs/tried-with.md, from the versions that are installed. */
function table(dependencies) {
  const rows = Object.entries(roles).flatMap(([role, names]) =>
    names.map((name) => {
      const wanted = dependencies[name];
      const { 1: real = name, 2: version = wanted } = /^npm:(.+)@(.+)$/.exec(wanted) ?? {};
      return `| \`${real}\` | ${version} | ${role} |`;
    }),
  );
  return ["| package | version | as |", "|---|---|---|", ...rows].join("\n");
}

/** Writes the table if `UPDATE_DOCS` is set. Returns whether the docs are true. */
export function checkTable() {
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const text = readFileSync(file, "utf8");
  const [start, end] = marks.map((mark) => text.indexOf(mark));
  const expected = `${text.slice(0, start)}${marks[0]}\n\n${table(dependencies)}\n\n${text.slice(end)}`;
  if (text === expected) return true;
  if (process.env.UPDATE_DOCS) writeFileSync(file, expected);
  else console.error("docs/tried-with.md is not what was tried. UPDATE_DOCS=1 writes it.");
  return Boolean(process.env.UPDATE_DOCS);
}
