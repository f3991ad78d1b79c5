import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { handler, toNodeListener } from "../../dist/web/index.js";

/** How long a client may stop reading. Slow readers take less, those that stop take for ever. */
const drainTimeoutMs = 150;

/**
 * Serves the calls of the soak to clients that behave badly: they send many requests ahead on one connection, read slowly,
 * stop reading, or leave. Each of their calls is a call of the plan, counted by server and ledger like any other.
 */
export class Edge {
  /** What is resolved when the call of a request is aborted, by the plan's id. */
  #aborted = new Map();
  #server;
  #port;

  /** @param invokeOf Makes the call of a plan. @param planOf The plan of an id. */
  constructor(invokeOf, planOf) {
    const served = (messages, { signal }) => {
      const [, id] = /Call #(\d+)/.exec(messages.at(-1).content);
      const aborted = this.#aborted.get(Number(id));
      if (aborted) signal.addEventListener("abort", aborted, { once: true });
      return invokeOf(planOf(Number(id)))({ messages: `Call #${id}`, metadata: { id: Number(id) } });
    };
    const handle = handler({ soak: served }, { drainTimeoutMs });
    this.#server = createServer(toNodeListener(handle, { drainTimeoutMs }));
  }

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** Makes the call of a plan as its client would; resolves to what came of it. */
  async make(plan, controllers) {
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("error", () => {});
    try {
      return plan.mode.pipelined ? await this.#pipeline(socket, plan, controllers) : await this.#stream(socket, plan);
    } finally {
      this.#aborted.delete(plan.id);
      socket.destroy();
    }
  }

  /** All requests in one write. Their answers must come in order, one for each. */
  async #pipeline(socket, { id, fault, variant }, controllers) {
    const count = 2 + (variant % 15);
    const leaves = fault?.caller === "leaves on arrival";
    const aborted = leaves && this.#untilAborted(id);
    // The server says when the first has arrived; the others wait behind it, and are never begun.
    if (leaves) controllers.set(id, { abort: () => socket.destroy() });
    socket.write(request(id, false).repeat(count));
    if (leaves) {
      await aborted;
      return { dropped: true };
    }
    const answers = (text) => text.split(/HTTP\/1\.1 (?=\d{3} )/).slice(1);
    const text = await readUntil(socket, (soFar) => answers(soFar).length === count && soFar.endsWith("\r\n0\r\n\r\n"));
    const bodies = answers(text).map((answer) =>
      JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1)),
    );
    const contents = new Set(bodies.map(({ choices }) => choices[0].message.content));
    if (contents.size !== 1) throw new Error(`${contents.size} different answers to the same request.`);
    return { content: [...contents][0], tokens: bodies.reduce((sum, { usage }) => sum + usage.total_tokens, 0) };
  }

  async #stream(socket, { id, fault }) {
    const stops = fault?.caller === "stops reading";
    const aborted = stops && this.#untilAborted(id);
    socket.write(request(id, true));
    if (stops) {
      socket.pause();
      await aborted;
      return { dropped: true };
    }
    const text = await readUntil(socket, (soFar) => soFar.includes("data: [DONE]"), 4);
    const chunks = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json));
    return {
      content: chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""),
      tokens: chunks.at(-1).usage.total_tokens,
    };
  }

  #untilAborted(id) {
    return new Promise((resolve) => this.#aborted.set(id, resolve));
  }
}

function request(id, stream) {
  const messages = [{ role: "user", content: `Call #${id}` }];
  const body = JSON.stringify({
    model: "soak",
    messages,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  });
  const head = ["POST /v1/chat/completions HTTP/1.1", "host: localhost", "content-type: application/json"];
  return `${[...head, `content-length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`;
}

/** Reads what comes, with a pause behind each piece. @throws If the connection ends before. */
async function readUntil(socket, isWhole, pauseMs = 0) {
  let text = "";
  socket.setEncoding("utf8");
  for await (const piece of socket) {
    text += piece;
    if (isWhole(text)) return text;
    if (pauseMs) await setTimeout(pauseMs);
  }
  throw new Error(`The connection ended behind ${text.length} characters: ${text.slice(-200)}`);
}
