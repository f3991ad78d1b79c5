#!/usr/bin/env node
import { createRequire } from "node:module";
import { runProgram } from "./program.js";
import { terminalOf } from "./terminal.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

runProgram(process.argv.slice(2), version, terminalOf(process)).then((code) => {
  process.exitCode = code;
});
