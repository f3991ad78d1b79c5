import { own } from "../../own.js";
import type { TcpStep, WireName, WireReply } from "../reply.js";
import { anthropicWire } from "../wires/anthropic.js";
import { openaiWire } from "../wires/openai.js";
import { openaiResponsesWire } from "../wires/openai-responses.js";
import { newId } from "../wires/wire.js";
import { type After, begin } from "./begin.js";

/**
 * The provider has too much to do: 503 (OpenAI) or 529 (Anthropic) for a plain answer, an error event in a stream, with
 * `after: 0` the first one. `OverloadedError` or `ServerError`, after the retries; once text has come, at once and with its `partial`.
 */
export function overloaded(options: After = {}): WireReply {
  const { after = 2 } = own(options);
  return {
    async *tcp(answer) {
      const wire = wires[answer.wire];
      const id = newId("req_");
      if (!answer.streamed) {
        const status = answer.wire === "anthropic" ? 529 : 503;
        return yield* refusal(status, wire.error(status, undefined, id));
      }
      yield* begin(answer, after);
      yield { chunk: wire.event(wire.overload(id)) };
    },
  };
}

/** The account is out of credit: OpenAI's 429 `insufficient_quota`, Anthropic's 400 "credit balance is too low". `QuotaError`, without a retry. */
export function quota(): WireReply {
  return {
    tcp({ wire }) {
      if (wire === "anthropic") {
        const message = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.";
        return refusal(400, anthropicWire.error(400, message, newId("req_")));
      }
      const message = "You exceeded your current quota, please check your plan and billing details.";
      const code = "insufficient_quota";
      return refusal(429, { error: { message, type: code, param: null, code } });
    },
  };
}

/** The answer lies elsewhere. Keys must not go there: `ConnectionError`, without a retry. */
export function redirect(options: {
  /** The header `location`: an address, or a path on the same server. */
  readonly to: string;
  /** @default 307, which would have the whole request sent again */
  readonly status?: 301 | 302 | 303 | 307 | 308;
}): WireReply {
  const { to, status = 307 } = own(options);
  return { status, headers: { location: to } };
}

const wires = {
  openai: openaiWire,
  "openai-responses": openaiResponsesWire,
  anthropic: anthropicWire,
} as const satisfies Record<WireName, unknown>;

function* refusal(status: number, body: object): Generator<TcpStep> {
  const text = JSON.stringify(body);
  const head = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    "transfer-encoding": null,
  };
  yield { status, head };
  yield { chunk: text };
}
