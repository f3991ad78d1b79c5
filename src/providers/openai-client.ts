import type { OpenAI } from "openai";
import type { Access } from "../model.js";
import { apiKeyOf, baseUrlOf, type ClientOptions, loadSdk, silent } from "./clients.js";

/** Where OpenAI's requests go and with which key, for both of its APIs. */
export function openaiEndpoint(access: Access) {
  const apiKey = apiKeyOf("openai", access, "OPENAI_API_KEY");
  const baseURL = baseUrlOf("openai", access, "OPENAI_BASE_URL", "https://api.openai.com/v1");
  // An address of a host alone means its API, which all compatible servers keep under /v1.
  return { ...access, apiKey, baseURL: new URL(baseURL).pathname === "/" ? `${baseURL}/v1` : baseURL };
}

export async function createOpenai(options: ClientOptions): Promise<OpenAI> {
  const { OpenAI } = await loadSdk("openai", () => import("openai"));
  return new OpenAI({ ...options, maxRetries: 0, logger: silent, logLevel: "off" });
}
