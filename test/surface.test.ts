import * as callwright from "callwright";
import * as testing from "callwright/testing";
import { expect, test } from "vitest";

// An export is a promise. A new one is written down here, in the CHANGELOG and in docs/, on purpose.
test("callwright exports these values and no others", () => {
  expect(Object.keys(callwright).sort()).toEqual([
    "AbortedError",
    "AuthenticationError",
    "BadRequestError",
    "BasePrompt",
    "BaseTool",
    "CallResponse",
    "CallStream",
    "CallwrightError",
    "ConfigurationError",
    "ConnectionError",
    "NotCalledError",
    "NotFoundError",
    "OverloadedError",
    "Prompt",
    "ProviderError",
    "QuotaError",
    "RateLimitError",
    "RefusalError",
    "ServerError",
    "StreamConsumedError",
    "StreamInterruptedError",
    "TemplateError",
    "TimeoutError",
    "ToolArgumentsError",
    "ToolError",
    "UnexpectedResponseError",
    "UnknownToolError",
    "UnsupportedProviderError",
    "anthropic",
    "assistant",
    "audio",
    "cachePoint",
    "call",
    "document",
    "field",
    "image",
    "openai",
    "prompt",
    "promptTemplate",
    "registerProvider",
    "retry",
    "system",
    "text",
    "tool",
    "toolsOf",
    "untrusted",
    "user",
  ]);
});

test("callwright/testing exports these values and no others", () => {
  expect(Object.keys(testing).sort()).toEqual(["script", "wireServer"]);
});
