import {
  assistant,
  type CallResponse,
  type CallStream,
  call,
  type ModelRef,
  NotCalledError,
  prompt,
  promptTemplate,
  user,
} from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
  vi.stubEnv("OPENAI_BASE_URL", server.openai.baseURL);
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
  vi.stubEnv("ANTHROPIC_BASE_URL", server.anthropic.baseURL);
  vi.stubEnv("ANTHROPIC_API_KEY", "sk-test");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** The messages of the last request. */
const sent = () => server.requests.at(-1)?.body.messages;
const said = (text: string) => [{ role: "user", content: text }];

describe.each(["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] as const)("%s", (reference) => {
  const Librarian = librarian(reference);

  test("a method is a call that keeps `this` and its arguments", async () => {
    const response = await new Librarian("calm").recommend("fantasy");
    expect(response.content).toBe("Hello from the wire server.");
    expect(sent()).toEqual(said("calm: a fantasy book"));
  });

  test("method, static method, private method, plain function and template send the same messages", async () => {
    const calm = new Librarian("calm");
    const plain = call(reference)((genre: string) => `calm: a ${genre} book`);
    await calm.recommend("fantasy");
    await Librarian.recommend("fantasy");
    await calm.askHidden("fantasy");
    await calm.templateAbove({ genre: "fantasy" });
    await calm.templateBelow({ genre: "fantasy" });
    await calm.notAsync("fantasy");
    await plain("fantasy");
    const bodies = server.requests.map(({ body }) => body);
    expect(bodies.length).toBe(7);
    for (const body of bodies) expect(body).toEqual(bodies[0]);
  });

  test("a static method's `this` is the class that it is called on", async () => {
    class Attic extends Librarian {
      static override mood = "dusty";
    }
    await Attic.recommend("fantasy");
    expect(sent()).toEqual(said("dusty: a fantasy book"));
  });

  test("an inherited method reads the heir's members", async () => {
    class Heir extends Librarian {
      override mood = "wild";
    }
    await new Heir("calm").recommend("fantasy");
    expect(sent()).toEqual(said("wild: a fantasy book"));
  });

  test("an override of its own decorator sends what it says, and leaves the parent as it was", async () => {
    class Strict extends Librarian {
      @call(reference, { temperature: 0 })
      override async recommend(genre: string): Promise<CallResponse> {
        return prompt`Strictly ${genre}`;
      }
    }
    await new Strict("calm").recommend("fantasy");
    expect(sent()).toEqual(said("Strictly fantasy"));
    expect(server.requests[0]?.body.temperature).toBe(0);
    await new Librarian("calm").recommend("fantasy");
    expect(sent()).toEqual(said("calm: a fantasy book"));
    expect(server.requests[1]?.body.temperature).toBeUndefined();
  });

  test("an override without a decorator may call super, whose call it gives back", async () => {
    class Young extends Librarian {
      override async recommend(genre: string): Promise<CallResponse> {
        return super.recommend(`young ${genre}`);
      }
    }
    expect((await new Young("calm").recommend("fantasy")).content).toBe("Hello from the wire server.");
    expect(sent()).toEqual(said("calm: a young fantasy book"));
  });

  test("a decorated override may call super and ask on with its answer", async () => {
    class Brief extends Librarian {
      @call(reference)
      override async recommend(genre: string): Promise<CallResponse> {
        return prompt`Shorter: ${await super.recommend(genre)}`;
      }
    }
    await new Brief("calm").recommend("fantasy");
    expect(server.requests.length).toBe(2);
    expect(sent()).toEqual(said("Shorter: Hello from the wire server."));
  });

  test("an override that forgot the decorator gives a prompt that says so", async () => {
    class Forgetful extends Librarian {
      override async recommend(genre: string): Promise<CallResponse> {
        return prompt`A ${genre} book`;
      }
    }
    const response = await new Forgetful("calm").recommend("fantasy");
    expect(() => response.content).toThrow(NotCalledError);
    expect(server.requests).toEqual([]);
  });

  test("a streamed method gives a stream", async () => {
    let text = "";
    for await (const [chunk] of await new Librarian("calm").stream("fantasy")) text += chunk.content;
    expect(text).toBe("Hello from the wire server.");
    expect(sent()).toEqual(said("calm: a fantasy book"));
  });

  test("{self.…} of a template reads the instance, also a history", async () => {
    await new Librarian("calm").goOn({ question: "Why?" });
    expect(sent()).toEqual([user("Hello"), assistant("Hi."), user("calm: Why?")]);
  });

  test("a template with variables on positional arguments is an error that says what it takes", async () => {
    const loose: any = promptTemplate("a {genre} book");
    class Wrong {
      @call(reference)
      @loose
      async recommend(_genre: string): Promise<CallResponse> {
        return prompt();
      }
    }
    await expect(new Wrong().recommend("fantasy")).rejects.toMatchObject({
      name: "TemplateError",
      variable: "genre",
      message: expect.stringContaining("a template takes one object argument"),
    });
  });

  test("a config that a method returns holds for that call, with a template above or below the call", async () => {
    class Dynamic {
      @promptTemplate("a {genre} book")
      @call(reference, { temperature: 1 })
      async above(_: { genre: string }): Promise<CallResponse> {
        return prompt({ computed: { genre: "sad" }, params: { temperature: 0 } });
      }

      @call(reference, { temperature: 1 })
      @promptTemplate("a {genre} book")
      async below(_: { genre: string }): Promise<CallResponse> {
        return prompt({ computed: { genre: "sad" }, params: { temperature: 0 } });
      }
    }
    await new Dynamic().above({ genre: "fantasy" });
    await new Dynamic().below({ genre: "fantasy" });
    const [above, below] = server.requests.map(({ body }) => body);
    expect(above.messages).toEqual(said("a sad book"));
    expect(above.temperature).toBe(0);
    expect(below).toEqual(above);
  });
});

function librarian(reference: ModelRef) {
  class Librarian {
    static mood = "calm";
    mood: string;
    history = [user("Hello"), assistant("Hi.")];

    constructor(mood: string) {
      this.mood = mood;
    }

    @call(reference)
    async recommend(genre: string): Promise<CallResponse> {
      return prompt`${this.mood}: a ${genre} book`;
    }

    @call(reference)
    static async recommend(genre: string): Promise<CallResponse> {
      return prompt`${this.mood}: a ${genre} book`;
    }

    @call(reference)
    notAsync(genre: string): Promise<CallResponse> {
      return prompt`${this.mood}: a ${genre} book`;
    }

    @call(reference)
    private async hidden(genre: string): Promise<CallResponse> {
      return prompt`${this.mood}: a ${genre} book`;
    }

    async askHidden(genre: string): Promise<CallResponse> {
      return this.hidden(genre);
    }

    @promptTemplate("{self.mood}: a {genre} book")
    @call(reference)
    async templateAbove(_: { genre: string }): Promise<CallResponse> {
      return prompt();
    }

    @call(reference)
    @promptTemplate("{self.mood}: a {genre} book")
    async templateBelow(_: { genre: string }): Promise<CallResponse> {
      return prompt();
    }

    @call(reference)
    @promptTemplate(`
      MESSAGES: {self.history}
      USER: {self.mood}: {question}
    `)
    async goOn(_: { question: string }): Promise<CallResponse> {
      return prompt();
    }

    @call(reference, { stream: true })
    async stream(genre: string): Promise<CallStream> {
      return prompt`${this.mood}: a ${genre} book`;
    }
  }
  return Librarian;
}
