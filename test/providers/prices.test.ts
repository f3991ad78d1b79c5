import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import ts from "typescript-6";
import { beforeAll, describe, expect, test } from "vitest";
import { costOf, loadPrices } from "../../src/pricing.js";

beforeAll(loadPrices);

const usage = {
  inputTokens: 1000,
  outputTokens: 1000,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  totalTokens: 2000,
};

const { resolve } = createRequire(import.meta.url);

/** The literal members of a union type in a declaration file of a package. */
function modelIds(packageName: string, file: string, typeName: string): string[] {
  const text = readFileSync(`${dirname(resolve(packageName))}/${file}`, "utf8");
  const ids: string[] = [];
  ts.forEachChild(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== typeName || !ts.isUnionTypeNode(node.type)) return;
    for (const member of node.type.types)
      if (ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)) ids.push(member.literal.text);
  });
  return ids;
}

const openaiIds = modelIds("openai", "resources/shared.d.ts", "ChatModel");
const anthropicIds = modelIds("@anthropic-ai/sdk", "resources/messages/messages.d.ts", "Model");

const notListed = "the table of @pydantic/genai-prices does not list it yet";

/** Models that the vendors' SDKs name and that have no price, each with the reason. */
const withoutPrice: Readonly<Record<string, string>> = {
  "claude-fable-5-2": notListed,
  "claude-haiku-5-5": notListed,
  "claude-mythos-5": notListed,
  "claude-mythos-5-1": notListed,
  "claude-mythos-5-2": notListed,
  "claude-mythos-preview": notListed,
};

test("the SDKs' lists of models were found", () => {
  expect(openaiIds.length).toBeGreaterThan(50);
  expect(openaiIds).toContain("gpt-4o-mini");
  expect(anthropicIds.length).toBeGreaterThan(5);
  expect(anthropicIds).toContain("claude-haiku-4-5");
});

describe.each([
  ["openai", openaiIds],
  ["anthropic", anthropicIds],
])("%s", (provider, ids) => {
  test.each(ids)("%s has a price, or a reason why not", (id) => {
    const cost = costOf(provider, id, usage);
    if (id in withoutPrice) expect(cost).toBeUndefined();
    else expect(cost).toBeGreaterThan(0);
  });
});

test("no model stands without a price that its vendor's SDK does not name", () => {
  expect(Object.keys(withoutPrice).filter((id) => ![...openaiIds, ...anthropicIds].includes(id))).toEqual([]);
});

test.each([
  ["azure", "gpt-4o-mini"],
  ["groq", "llama-3.3-70b-versatile"],
  ["mistral", "mistral-large-latest"],
  ["deepseek", "deepseek-chat"],
  ["xai", "grok-4"],
  ["together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"],
  ["openrouter", "openai/gpt-4o-mini"],
  ["google", "gemini-2.5-flash"],
])("%s has list prices, such as that of %s", (provider, id) => {
  expect(costOf(provider, id, usage)).toBeGreaterThan(0);
});

test.each(["ollama", "lmstudio", "vllm", "gradient", "huggingface", "my-openai", "azureous", ""])(
  "%j has no list prices, whatever its models are called",
  (provider) => {
    expect(costOf(provider, "gpt-4o-mini", usage)).toBeUndefined();
  },
);
