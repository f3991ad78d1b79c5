import { isPlainObject } from "../json.js";

// Snowglobe's control plane as its own client speaks to it. Every path, parameter and field of theirs stands here and
// nowhere else, so that a change of theirs is one edit.

export const defaultUrl = "https://api.snowglobe.guardrailsai.com";
export const keyHeader = "x-api-key";
export const urlVariable = "CONTROL_PLANE_URL";
export const keyVariable = "SNOWGLOBE_API_KEY";

export interface WireCall {
  readonly method: "GET" | "PUT" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

/** A simulation, which has tests for one application. */
export interface WireExperiment {
  readonly id: string;
  readonly appId: string | undefined;
}

/** One turn of a simulated user. Turns of one conversation point at the one before. */
export interface WireTest {
  readonly id: string;
  readonly prompt: string;
  readonly response: string | undefined;
  readonly persona: unknown;
  readonly conversationId: string | undefined;
  readonly parentId: string | undefined;
}

const query = (parameters: Readonly<Record<string, string | number>>) =>
  new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString();
const testPath = (experimentId: string, testId: string) =>
  `/api/experiments/${encodeURIComponent(experimentId)}/tests/${encodeURIComponent(testId)}`;

export const calls = {
  experiments: (appId: string): WireCall => ({
    method: "GET",
    path: `/api/experiments?${query({ evaluated: "false", appId })}`,
  }),
  tests: (experimentId: string, appId: string, limit: number): WireCall => ({
    method: "GET",
    path: `/api/experiments/${encodeURIComponent(experimentId)}/tests?${query({
      appId,
      "include-risk-evaluations": "false",
      limit,
      "unprocessed-only": "true",
    })}`,
  }),
  test: (experimentId: string, testId: string): WireCall => ({ method: "GET", path: testPath(experimentId, testId) }),
  answer: (experimentId: string, appId: string, test: WireTest, response: string): WireCall => ({
    method: "PUT",
    path: testPath(experimentId, test.id),
    body: { id: test.id, appId, prompt: test.prompt, response, persona: test.persona },
  }),
  connected: (appId: string, prompt: string, response: string): WireCall => ({
    method: "POST",
    path: "/api/successful-code-connection-tests",
    body: { appId, prompt, response },
  }),
  notConnected: (appId: string, error: string): WireCall => ({
    method: "POST",
    path: "/api/failed-code-connection-tests",
    body: { appId, status: "failed", error },
  }),
};

/** What is not of their form, as a sentence. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

export function readList<T>(body: unknown, read: (item: unknown) => Read<T>): Read<readonly Read<T>[]> {
  return Array.isArray(body) ? { value: body.map(read) } : { problem: "It is no list." };
}

export function readExperiment(item: unknown): Read<WireExperiment> {
  return fields(item, ["id"], (object) => ({ id: object.id as string, appId: textOrNothing(object.app_id) }));
}

export function readTest(item: unknown): Read<WireTest> {
  return fields(item, ["id", "prompt"], (object) => ({
    id: object.id as string,
    prompt: object.prompt as string,
    response: textOrNothing(object.response),
    persona: object.persona,
    conversationId: textOrNothing(object.conversation_id),
    parentId: textOrNothing(object.parent_test_id),
  }));
}

function fields<T>(item: unknown, texts: readonly string[], make: (object: Record<string, unknown>) => T): Read<T> {
  if (!isPlainObject(item)) return { problem: "It is not an object." };
  const missing = texts.find((name) => typeof item[name] !== "string");
  return missing ? { problem: `Its ${missing} is no text.` } : { value: make(item) };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
