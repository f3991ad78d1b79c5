import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError, RefusalError, ResponseValidationError } from "../errors.js";
import type { CheckedAnswer } from "../model.js";
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

/** Why an answer would be refused by a call for a value; undefined if it would not, or if it is a step before the value. */
export async function whyRefused(output: Output, answer: CheckedAnswer): Promise<string | undefined> {
  const { toolCalls } = answer;
  if (toolCalls.length > 0 && !toolCalls.some(({ name }) => name === output.tool?.name)) return undefined;
  const issues = issuesOf(await output.read({ ...answer, warnings: [] }));
  return issues && `does not fit the responseModel:\n${describeIssues(issues, output.names())}`;
}

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
  const issues = issuesOf(result);
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

/** Not by own(): ArkType's result has its issues on its class. */
function issuesOf(result: StandardSchemaV1.Result<unknown>): readonly StandardSchemaV1.Issue[] | undefined {
  return memberOf(result, "issues") as StandardSchemaV1.FailureResult["issues"] | undefined;
}
