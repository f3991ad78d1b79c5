/**
 * What the names that providers give their errors come to, as the HTTP status that says the same. A name is compared in
 * lower case, without what is not a letter or a digit, and without "error" or "exception" at its end.
 *
 * Sources: https://docs.anthropic.com/en/api/errors, https://platform.openai.com/docs/guides/error-codes,
 * https://cloud.google.com/apis/design/errors (names of gRPC), https://github.com/huggingface/text-generation-inference
 * (`error_type`), https://help.aliyun.com/en/model-studio/error-code, and the issues named beside a line.
 */
const namesByStatus: readonly (readonly [status: number, names: string])[] = [
  // Nothing is left to spend. https://github.com/modelscope/modelscope/issues/1691, https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
  [
    402,
    `insufficient_quota billing payment_required exceeded_current_quota insufficient_balance insufficient_user_quota
     insufficient_funds insufficient_credit insufficient_credits credits_exhausted out_of_credits credit_balance_too_low
     billing_hard_limit_reached billing_not_active arrearage account_overdue not_enough_balance quota_exhausted
     linked_organization_billing_unavailable linked_organization_spend_limit_reached contract_spend_limit_reached
     enforced_spend_limit_reached`,
  ],
  [
    401,
    `authentication invalid_authentication unauthenticated unauthorized not_authorized invalid_api_key incorrect_api_key
     api_key_invalid api_key_expired missing_api_key invalid_key invalid_token expired_token token_expired
     account_deactivated invalid_organization`,
  ],
  [403, "permission permission_denied forbidden access_denied request_forbidden organization_on_hold"],
  [
    404,
    `not_found model_not_found model_not_exist model_not_exists model_does_not_exist no_such_model unknown_model
     deployment_not_found resource_not_found route_not_found`,
  ],
  [408, "timeout request_timeout"],
  [409, "conflict aborted already_exists"],
  [
    429,
    `rate_limit rate_limited rate_limit_exceeded rate_limit_reached ratelimit_exceeded too_many_requests
     resource_exhausted throttling throttled throttling_rate_quota throttling_allocation_quota limit_requests
     limit_burst_rate request_limit_exceeded tokens_limit_exceeded concurrency_limit_exceeded requests tokens
     usage_limit_reached quota_exceeded`,
  ],
  [
    503,
    `overloaded engine_overloaded server_overloaded model_overloaded service_unavailable unavailable
     temporarily_unavailable server_busy slow_down capacity_exceeded service_tier_capacity_exceeded unhealthy`,
  ],
  [504, "deadline_exceeded gateway_timeout"],
  [500, "server internal internal_server api unknown data_loss generation incomplete_generation bad_gateway"],
  [
    400,
    `bad_request invalid_request invalid_argument failed_precondition out_of_range unprocessable_entity
     request_too_large payload_too_large context_length_exceeded exceed_context_size content_filter data_inspection_failed
     unimplemented not_supported unsupported string_above_max_length json_validate_failed tool_use_failed
     data_residency_mismatch bio_policy tokenizer template parameter_missing`,
  ],
];

const statusByName: ReadonlyMap<string, number> = new Map(
  namesByStatus.flatMap(([status, names]) => names.split(/\s+/).map((name) => [plain(name), status] as const)),
);

/** Families of names for a request that is at fault, such as `invalid_prompt`, `image_too_large` and `unsupported_value`. */
const requestFaults =
  /^(invalid|unsupported|missing|malformed|valueerror)|image|validation|policy|moderation|sensitive|toolarge|toolong/;

/** Zhipu's own codes, as text in `error.code`. Source: https://docs.bigmodel.cn/cn/api/api-code */
const zhipuCodes: ReadonlyMap<string, number> = new Map([
  ...codes(401, "1000 1001 1002 1003 1004"),
  ...codes(403, "1110 1111 1112 1121 1220 1311"),
  ...codes(402, "1113 1309"),
  ...codes(400, "1210 1212 1213 1214 1215 1261 1300 1301"),
  ...codes(404, "1211 1221 1222"),
  ...codes(429, "1302 1303 1304 1305 1308 1310 1312 1313"),
  ...codes(500, "1120 1200 1230 1234"),
]);

/** MiniMax's, in `base_resp.status_code`. Source: https://platform.minimax.io/docs/api-reference/errorcode */
const minimaxCodes: ReadonlyMap<string, number> = new Map([
  ...codes(500, "1000 1001 1013 1024 1033"),
  ...codes(429, "1002 1039 1041 2045 2056"),
  ...codes(401, "1004 2049"),
  ...codes(402, "1008"),
  ...codes(400, "1026 1027 1042 1043 2013 2061"),
]);

/** The status that an error's name stands for; undefined if it is not known. */
export function statusOfName(name: string): number | undefined {
  const spelled = plain(name);
  return statusByName.get(spelled) ?? (requestFaults.test(spelled) ? 400 : undefined);
}

/** The status that a provider's own number of an error stands for. */
export function statusOfCode(code: string, isMinimax: boolean): number | undefined {
  return (isMinimax ? minimaxCodes : zhipuCodes).get(code);
}

/** The status that a number or a text of digits is; undefined for other numbers. */
export function statusOfNumber(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value.trim()) ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replace(/(error|exception)$/, "");
}

function codes(status: number, list: string): [string, number][] {
  return list.split(" ").map((code) => [code, status]);
}
