import * as callwright from "callwright";
import * as connecting from "callwright/connect";
import * as testing from "callwright/testing";
import * as web from "callwright/web";
import { expect, test } from "vitest";

// An export is a promise. A new one is written down here, in the CHANGELOG and in docs/, on purpose.
test("callwright exports these values and no others", () => {
  expect(Object.keys(callwright).sort()).toEqual([
    "AbortedError",
    "AuthenticationError",
    "BadRequestError",
    "BasePrompt",
    "BaseTool",
    "BudgetExceededError",
    "CallChunk",
    "CallResponse",
    "CallStream",
    "CallwrightError",
    "CircuitOpenError",
    "ConfigurationError",
    "ConnectionError",
    "FallbackError",
    "NotCalledError",
    "NotFoundError",
    "OutputStream",
    "OverloadedError",
    "Prompt",
    "ProviderError",
    "QuotaError",
    "RateLimitError",
    "RefusalError",
    "ResponseValidationError",
    "ServerError",
    "Session",
    "StreamConsumedError",
    "StreamInterruptedError",
    "TemplateError",
    "TimeoutError",
    "ToolArgumentsError",
    "ToolError",
    "ToolLoopError",
    "UnexpectedResponseError",
    "UnknownToolError",
    "UnsupportedProviderError",
    "anthropic",
    "assistant",
    "audio",
    "budget",
    "cache",
    "cachePoint",
    "call",
    "circuitBreaker",
    "completion",
    "document",
    "fallback",
    "field",
    "image",
    "model",
    "openai",
    "override",
    "parallel",
    "prompt",
    "promptTemplate",
    "rateLimit",
    "registerProvider",
    "responseOf",
    "retry",
    "system",
    "text",
    "timeout",
    "tool",
    "toolsOf",
    "untrusted",
    "user",
    "warmUp",
  ]);
});

test("callwright/testing exports these values and no others", () => {
  expect(Object.keys(testing).sort()).toEqual(["denyNetwork", "faults", "record", "script", "testModel", "wireServer"]);
});

test("callwright/connect exports these values and no others", () => {
  expect(Object.keys(connecting).sort()).toEqual([
    "AgentReplyError",
    "MissingConversationError",
    "ScenarioError",
    "connect",
    "defineAgent",
    "judgeBy",
    "loadScenarios",
    "local",
    "simRequest",
    "snowglobe",
  ]);
});

test("callwright/web exports these values and no others", () => {
  expect(Object.keys(web).sort()).toEqual(["handler", "pipe", "toNodeListener", "toResponse"]);
});
