// Calls with a responseModel that must not compile, each for the reason that stands over it.
import { type CallResponse, call, type OutputStream, prompt, responseOf } from "callwright";
import { z } from "zod";

const Named = z.object({ name: z.string() });

export class Wrong {
  // @ts-expect-error the declared value is not the schema's
  @call("openai/m", { responseModel: z.object({ n: z.string() }) })
  async value(question: string): Promise<{ n: number }> {
    return prompt`${question}`;
  }

  // @ts-expect-error a call with a schema makes its value, not a response
  @call("openai/m", { responseModel: Named })
  async response(question: string): Promise<CallResponse> {
    return prompt`${question}`;
  }

  // @ts-expect-error a streamed value is one that grows
  @call("openai/m", { responseModel: Named, stream: true })
  async streamed(question: string): Promise<{ name: string }> {
    return prompt`${question}`;
  }

  // @ts-expect-error the stream is of another value
  @call("openai/m", { responseModel: Named, stream: true })
  async otherStream(question: string): Promise<OutputStream<{ name: number }>> {
    return prompt`${question}`;
  }
}

// @ts-expect-error what was shown cannot be taken back
call("openai/m", { responseModel: Named, stream: true, reask: 1 });

// @ts-expect-error the schema and the parser would both make the value
call("openai/m", { responseModel: Named, outputParser: (response) => response.content });

// @ts-expect-error a shape is no schema
call("openai/m", { responseModel: { name: z.string() } });

// @ts-expect-error no such mode
call("openai/m", { responseModel: Named, outputMode: "json" });

// @ts-expect-error only objects and lists have a response behind them
responseOf("Momo");
