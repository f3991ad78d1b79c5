import { ConfigurationError } from "./errors.js";

/**
 * Loads the CommonJS build of a package after `import()` of it failed. The reason may have passed, such as too many open
 * files, but Node keeps a failed import for as long as the process runs.
 *
 * Every optional package is imported inside a `try` block that ends here, since only there do bundlers accept one that is
 * missing.
 *
 * @throws ConfigurationError that says whether the package is missing, or why it could not be loaded.
 */
export function requireInstead<Module>(name: string, cause: unknown): Module {
  try {
    return requireOf(name) as Module;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const isMissing = code === "MODULE_NOT_FOUND" || (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const why = isMissing
      ? `Install it: npm install ${name}`
      : `${(cause as Error).message}. The next call tries again.`;
    throw new ConfigurationError(`The package ${name} could not be loaded. ${why}`, { cause });
  }
}

/**
 * Requires a package as callwright itself would find it, by way of the program's folder: `import.meta` would keep the module
 * from being compiled to CommonJS. Found at run time, so that bundles for other platforms hold no trace of it.
 */
function requireOf(name: string): unknown {
  const nodeModule = globalThis.process.getBuiltinModule("node:module");
  const ofProgram = nodeModule.createRequire(`${globalThis.process.cwd()}/`);
  return nodeModule.createRequire(ofProgram.resolve("callwright/package.json"))(name);
}
