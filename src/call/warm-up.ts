import type { Access, ModelRef } from "../model.js";
import { own } from "../own.js";
import { loadPrices } from "../pricing.js";
import { resolveModel } from "../providers/registry.js";

/**
 * Loads what the first call of a model would load: the provider's SDK, the transport and the price table. It sends nothing and
 * opens no connection. Resolves when all is loaded; a price table that cannot be loaded is a warning of the calls.
 *
 * @param access What the calls have, since the transport depends on it.
 * @throws ConfigurationError if the API key is missing or a package cannot be loaded; UnsupportedProviderError.
 */
export async function warmUp(reference: ModelRef, access: Access = {}): Promise<void> {
  await Promise.all([resolveModel(reference, own(access)).warmUp?.(), loadPrices()]);
}
