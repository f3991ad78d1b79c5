import { ConfigurationError } from "../errors.js";
import { runInScope } from "../scope.js";
import type { Layer } from "../settings.js";

/**
 * Runs `body` with every call inside it changed: another model, other settings, more middleware, a signal. It wins over
 * all else, nests (the inner one wins), and other async contexts do not see it. A call that was started inside keeps its
 * settings wherever it is awaited.
 *
 * Keys, addresses and clients that were given for one provider do not go along to another.
 *
 * @throws What `body` throws.
 */
export function override<R>(settings: Omit<Layer, "signals">, body: () => R): R {
  if (typeof body !== "function")
    throw new ConfigurationError("override takes a function as its second argument: override({ model }, () => …).");
  return runInScope(settings, body);
}
