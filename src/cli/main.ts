#!/usr/bin/env node
import { createRequire } from "node:module";
import { watchProcess } from "./lifetime.js";
import { runProgram } from "./program.js";
import { terminalOf } from "./terminal.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
const terminal = terminalOf(process);
const end = watchProcess(terminal);

runProgram(process.argv.slice(2), version, terminal).then(end);
