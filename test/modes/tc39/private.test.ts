import { type CallResponse, call, prompt, promptTemplate, user } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";

const model = script(Array(10).fill("ok"));
const sent = () => model.requests.at(-1)?.messages;

class Librarian {
  mood = "calm";

  @call(model)
  async #recommend(genre: string): Promise<CallResponse> {
    return prompt`${this.mood}: a ${genre} book`;
  }

  @call(model)
  static async #announce(): Promise<CallResponse> {
    return prompt`${this.name}`;
  }

  @promptTemplate("{self.mood}: above {genre}")
  @call(model)
  async #above(_: { genre: string }): Promise<CallResponse> {
    return prompt();
  }

  @call(model)
  @promptTemplate("{self.mood}: below {genre}")
  async #below(_: { genre: string }): Promise<CallResponse> {
    return prompt();
  }

  recommend = (genre: string) => this.#recommend(genre);
  above = (genre: string) => this.#above({ genre });
  below = (genre: string) => this.#below({ genre });
  static announce = () => Librarian.#announce();
}

test("a #private method is a call that keeps `this`", async () => {
  expect((await new Librarian().recommend("fantasy")).content).toBe("ok");
  expect(sent()).toEqual([user("calm: a fantasy book")]);
});

test("a static #private method is one too", async () => {
  await Librarian.announce();
  expect(sent()).toEqual([user("Librarian")]);
});

test("a #private method takes a template above and below its call", async () => {
  await new Librarian().above("fantasy");
  expect(sent()).toEqual([user("calm: above fantasy")]);
  await new Librarian().below("fantasy");
  expect(sent()).toEqual([user("calm: below fantasy")]);
});

test("what a decorator does not fit is told by its #name", () => {
  const decorator: any = call(model);
  const accessor = () => {
    class Wrong {
      @decorator
      get #genre() {
        return "fantasy";
      }
      read = () => this.#genre;
    }
    return Wrong;
  };
  const generator = () => {
    class Wrong {
      @decorator
      async *#recommend() {
        yield "Hi";
      }
      read = () => this.#recommend();
    }
    return Wrong;
  };
  expect(accessor).toThrow(/#genre/);
  expect(generator).toThrow(/#recommend/);
});
