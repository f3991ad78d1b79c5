// The compiler options of the README and nothing else: no @types/node, no lib, no skipLibCheck.
import { type CallResponse, type CallStream, call, prompt, Session } from "callwright";
import { toResponse } from "callwright/web";

class Librarian {
  @call("openai/gpt-4o-mini")
  async recommend(genre: string): Promise<CallResponse> {
    return prompt`Recommend one ${genre} book. Answer with title and author only.`;
  }

  @call("openai/gpt-4o-mini", { stream: true })
  async tell(subject: string): Promise<CallStream> {
    return prompt`Tell a story about ${subject}.`;
  }
}

export const answer: Promise<string> = new Librarian().recommend("fantasy").then(({ content }) => content);
export const response: Promise<Response> = new Librarian().tell("dragons").then((stream) => toResponse(stream));
export const session = new Session({ model: "openai/gpt-4o-mini" });
