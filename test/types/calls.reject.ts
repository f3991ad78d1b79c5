// Calls that must not compile, each for the reason that stands over it.
import { type CallResponse, call, prompt } from "callwright";
import { FormatBook } from "./tools.accept.js";

export class Wrong {
  // @ts-expect-error a streaming call is declared as a plain response
  @call("openai/m", { stream: true })
  async stream(question: string): Promise<CallResponse> {
    return prompt`${question}`;
  }

  // @ts-expect-error not a promise
  @call("openai/m")
  notAPromise(question: string): string {
    return prompt`${question}`;
  }

  // @ts-expect-error the declared value is not what the parser makes
  @call("openai/m", { outputParser: (response) => response.content.length })
  async parsed(question: string): Promise<string> {
    return prompt`${question}`;
  }

  // @ts-expect-error a call with tools says which tools its response holds
  @call("openai/m", { tools: [FormatBook] })
  async tools(question: string): Promise<CallResponse> {
    return prompt`${question}`;
  }
}

// @ts-expect-error a plain model name lacks its provider
call("gpt-4o-mini");

// @ts-expect-error a parser cannot read a stream
call("openai/m", { stream: true, outputParser: (response) => response.content });

// @ts-expect-error no such option
call("openai/m", { temprature: 0 });

// @ts-expect-error the argument is of the function's type
call("openai/m")((genre: string) => genre)(1);
