import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError, RefusalError, ResponseValidationError } from "../errors.js";
import { memberOf, own } from "../own.js";
import type { CallResponse } from "../response.js";
import { describeIssues } from "../schema/describe-issues.js";
import { noteValue } from "./made-value.js";
import type { Output } from "./output.js";

const responses = new WeakMap<object, CallResponse>();

/**
 * The response behind an object that a call with a `responseModel` returned.
 *
 * @throws ConfigurationError for any other value; numbers, strings and booleans cannot be told apart.
 */
export function responseOf(value: object): CallResponse {
  const response = responses.get(value);
  if (response) return response;
  throw new ConfigurationError(
    "responseOf() knows only the objects and lists that a call with a responseModel returned.",
  );
}

/** The outcome of an answer: its value, or what is wrong with it. */
export type Outcome = { readonly value: unknown } | { readonly error: ResponseValidationError };

/** @throws RefusalError where the model refused. */
export async function readValue(output: Output, response: CallResponse<unknown>): Promise<Outcome> {
  if (response.refusal !== undefined || response.finishReason === "content-filter") {
    throw new RefusalError(
      response.refusal
        ? "The model refused to answer. Read error.response.refusal for what it said."
        : "The model refused to answer (content filter).",
      { response },
    );
  }
  const result = await output.read(response);
  // Not by own(): ArkType's result has its issues on its class.
  const issues = memberOf(result, "issues") as StandardSchemaV1.FailureResult["issues"] | undefined;
  if (issues)
    return {
      error: new ResponseValidationError(
        `The answer of ${response.provider}/${response.model} does not fit the responseModel:\n${describeIssues(issues, output.names())}`,
        { issues, response },
      ),
    };
  const { value } = own(result as StandardSchemaV1.SuccessResult<unknown>);
  if (typeof value === "object" && value !== null) responses.set(value, response as CallResponse);
  noteValue({ value, response, parsed: false });
  return { value };
}
