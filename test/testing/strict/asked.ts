import { type WireServer, wireServer } from "callwright/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

export type Path = "/v1/messages" | "/v1/chat/completions" | "/v1/responses" | "/mistral/v1/chat/completions";

/** A request that is refused, its nearest neighbour that is taken, and the words of the API. */
export interface Case {
  readonly what: string;
  readonly refused: object;
  readonly taken: object;
  readonly says: string;
  readonly status?: number;
  /** What else the error says. */
  readonly error?: object;
}

/** What a strict server answers to each body. */
export function checks(path: Path, whole: (body: object) => object, cases: readonly Case[]): void {
  let server: WireServer;
  beforeAll(async () => {
    server = await wireServer();
  });
  afterAll(() => server.close());

  test.each(cases)("refuses $what", async ({ refused, taken, says, status = 400, error = {} }) => {
    const refusal = await ask(server, path, whole(refused));
    expect(refusal).toMatchObject({ status, body: bodyOf(path, status, says, error) });
    expect(server.requests.at(-1)?.refused).toContain(says);
    const answer = await ask(server, path, whole(taken));
    expect(server.requests.at(-1)?.refused).toBeUndefined();
    expect(answer.status).toBe(200);
  });
}

/** Each API's own form of an error. */
function bodyOf(path: Path, status: number, says: string, error: object): object {
  const message = expect.stringContaining(says);
  if (path === "/v1/messages") return { type: "error", error: { type: "invalid_request_error", message, ...error } };
  if (!path.startsWith("/mistral")) return { error: { type: "invalid_request_error", message, ...error } };
  return status === 422
    ? { object: "error", message: { detail: [{ msg: message, ...error }] } }
    : { object: "error", message, ...error };
}

export async function ask(
  server: WireServer,
  path: Path,
  body: object | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly body: any }> {
  const response = await fetch(`${server.anthropic.baseURL}${path}`, {
    method: "POST",
    headers,
    body: typeof body === "string" || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** A PNG and a JPEG of which only the first bytes are there. */
export const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString("base64");
export const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]).toString("base64");
