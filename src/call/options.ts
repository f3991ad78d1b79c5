import { ConfigurationError } from "../errors.js";
import type { Access, Middleware } from "../model.js";
import { checkCounts } from "../numbers.js";
import type { OutputMode } from "../output/output.js";
import type { CallResponse } from "../response.js";
import { isSchema, type Schema } from "../schema/standard.js";
import type { CallSettings } from "../settings.js";

/** The options of `@call`. */
export interface CallOptions extends CallSettings, Access {
  /** Whether the call makes a stream. @default false */
  stream?: boolean | undefined;
  /** Makes the call's value of the answer: validated by this schema. */
  responseModel?: Schema | undefined;
  /**
   * How a responseModel is asked for: by the provider's JSON mode, by one forced tool, or in words.
   *
   * @default "native"; "tool" for a schema that strict modes cannot hold, such as one with records
   */
  outputMode?: OutputMode | undefined;
  /** How often an answer that the schema refuses is sent back with the issues. @default 0 */
  reask?: number | undefined;
  /** Makes the call's value of the response. */
  outputParser?: ((response: CallResponse<any>) => unknown) | undefined;
  /**
   * Runs tools and asks again until none is wanted; the limit throws ToolLoopError.
   *
   * @default 1; 10 where `responseModel` and `tools` stand together
   */
  maxSteps?: number | undefined;
  /** What changes how the model behaves, outermost first. */
  use?: readonly Middleware[] | undefined;
}

/** @throws ConfigurationError if options exclude each other or are out of range. */
export function checkOptions(options: CallOptions): void {
  const { stream, responseModel, outputParser, reask, maxSteps } = options;
  if (outputParser && stream)
    throw excluded("stream", "outputParser", "there is no whole response to parse. Use stream.response().");
  if (outputParser && responseModel)
    throw excluded("responseModel", "outputParser", "both make the value of the call. Take one.");
  if (reask !== undefined && stream) throw excluded("stream", "reask", "what was shown cannot be taken back.");
  if (responseModel !== undefined && !isSchema(responseModel))
    throw new ConfigurationError("responseModel must be a schema with Standard Schema, such as z.object({ … }).");
  checkCounts({ reask }, 0);
  checkCounts({ maxSteps });
}

function excluded(one: string, other: string, why: string): ConfigurationError {
  return new ConfigurationError(`A call takes ${one} or ${other}, not both: ${why}`);
}
