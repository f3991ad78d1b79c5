import { call, type Message, type ModelRef, tool } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach } from "vitest";
import { z } from "zod";

/** A server that is new for each test, and how to ask it as any provider that speaks OpenAI's wire. */
export class Compatible {
  server!: WireServer;

  constructor() {
    beforeEach(async () => {
      this.server = await wireServer();
    });
    afterEach(() => this.server.close());
  }

  /** The body of the last request. */
  get body(): any {
    return this.server.requests.at(-1)?.body;
  }

  ask(reference: ModelRef, reply: WireReply, ...messages: Message[]) {
    this.server.reply(reply);
    const options = { ...this.server.openai, tools: [weather] };
    return call(reference, options)(() => (messages.length > 0 ? messages : "Hi"))();
  }

  async stream(reference: ModelRef, reply: WireReply) {
    this.server.reply(reply);
    const options = { ...this.server.openai, tools: [weather], stream: true } as const;
    return (await call(reference, options)(() => "Hi")()).response();
  }
}

export const weather = tool({ description: "Tells the weather", input: z.object({ city: z.string() }) })(
  function weather({ city }) {
    return `Rain in ${city}`;
  },
);

/** A whole answer with a message of the wire. */
export const whole = (message: object, usage?: object): WireReply => ({
  json: { id: "1", model: "m", choices: [{ index: 0, message, finish_reason: "stop" }], ...(usage && { usage }) },
});

/** A stream of deltas of the wire, then the finish beside what else its chunk holds. */
export const streamed = (deltas: readonly object[], last: object = {}): WireReply => ({
  chunks: [
    ...deltas.map((delta) => ({ id: "1", model: "m", choices: [{ index: 0, delta, finish_reason: null }] })),
    { id: "1", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], ...last },
    "data: [DONE]\n\n",
  ],
});
