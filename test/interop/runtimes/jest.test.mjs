import { test } from "node:test";
import { here, run } from "./programs.mjs";

const jest = `${here}node_modules/jest/bin/jest.js`;
const inJest = (config, flags = []) =>
  run(process.execPath, [...flags, jest, "--config", `${here}jest/${config}`, "--rootDir", `${here}jest`]);

test("Jest runs a call with ES modules, without any transform", async () => {
  await inJest("esm.config.cjs", ["--experimental-vm-modules"]);
});

test("Jest runs a call in CommonJS, with the Babel settings that the docs show", async () => {
  await inJest("commonjs.config.cjs");
});
