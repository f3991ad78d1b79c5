// What can be served and sent, in both decorator modes.
import { createServer } from "node:http";
import { type CallResponse, type CallStream, call, type Message, model, openai, prompt, Session } from "callwright";
import { handler, pipe, type ServedFunction, toNodeListener, toResponse } from "callwright/web";
import { z } from "zod";
import { FormatBook, getWeather } from "./tools.accept.js";

class Librarian {
  @openai.call("gpt-4o-mini", { tools: [FormatBook] })
  async recommend(messages: readonly Message[]): Promise<CallResponse<FormatBook>> {
    return prompt`MESSAGES: ${messages}`;
  }

  @openai.call("gpt-4o-mini", { tools: [FormatBook], stream: true })
  async tell(subject: string): Promise<CallStream<FormatBook>> {
    return prompt`Tell a story about ${subject}`;
  }
}
const lib = new Librarian();
const mini = model("openai/gpt-4o-mini");
const weather = call(mini, { tools: [getWeather], maxSteps: 3 })((messages: Message[]) => ({ messages }));
const either: ServedFunction = async (messages, { stream, params, signal }) =>
  stream ? mini.stream(messages, { ...params, signal }) : mini.chat(messages, { ...params, signal });

export const handle: (request: Request) => Promise<Response> = handler(
  {
    librarian: (messages) => lib.recommend(messages),
    teller: (messages, { headers }) => lib.tell(`${messages.length} for ${headers.get("x-user")}`),
    streamed: (messages) => mini.stream(messages),
    weather,
    either,
    mini,
    session: new Session({ model: mini }),
  },
  { apiKey: "secret", maxBodyBytes: 1000, cors: ["https://app.example.com"], onError: console.error },
);

const growing = call(mini, { responseModel: z.object({ title: z.string() }), stream: true })(() => prompt`A book?`);
export const responses = async (): Promise<Response[]> => [
  toResponse(await lib.tell("dragons")),
  toResponse(lib.tell("dragons"), { status: 200, headers: { "x-page": "1" } }),
  toResponse(mini.stream("Hi"), { onError: (error: unknown) => console.error(error) }),
  toResponse(await growing()),
];

createServer(toNodeListener(handle));
createServer((_, response) => void pipe(lib.tell("dragons"), response));
