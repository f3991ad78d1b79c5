import {
  BasePrompt,
  type CallResponse,
  type CallStream,
  call,
  image,
  prompt,
  promptTemplate,
  system,
  user,
} from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires, turnsOf } from "./calls/wires.js";
import { png } from "./template/rendering.js";

class Sentiment extends BasePrompt.of({ text: z.string().min(1), tone: z.string().optional() }) {
  get shout(): string {
    return this.text.toUpperCase();
  }
}
promptTemplate("SYSTEM: Be {tone}.\nUSER: {text} {shout}")(Sentiment);

class Own extends BasePrompt.of({ name: z.string() }) {
  override prompt() {
    return prompt`SYSTEM: s
      USER: Hello ${this.name}`;
  }
}

class Book extends BasePrompt.of({ title: z.string(), pages: z.number().optional() }) {}

class Question extends BasePrompt.of({ question: z.string() }) {}

describe("what a prompt class says", () => {
  test("is its template, with fields and getters", () => {
    const sentiment = new Sentiment({ text: "good", tone: "kind" });
    expect(sentiment.messages()).toEqual([system("Be kind."), user("good GOOD")]);
    expect(sentiment.toString()).toBe("SYSTEM: Be kind.\nUSER: good GOOD");
  });

  test("is rendered anew, from what the fields are now", () => {
    const sentiment = new Sentiment({ text: "good" });
    Object.assign(sentiment, { text: "bad" });
    expect(sentiment.messages()).toEqual([system("Be ."), user("bad BAD")]);
  });

  test("is its prompt() method where there is one, also beside a template", () => {
    promptTemplate("not {name}")(class extends Own {});
    class Both extends Own {}
    promptTemplate("not {name}")(Both);
    for (const made of [new Own({ name: "Ada" }), new Both({ name: "Ada" })]) {
      expect(made.messages()).toEqual([system("s"), user("Hello Ada")]);
    }
  });

  test("is its fields where there is neither: one as its value, several by name", () => {
    expect(new Question({ question: "Why?" }).messages()).toEqual([user("Why?")]);
    expect(new Book({ title: "Dune", pages: 412 }).messages()).toEqual([user("title: Dune\npages: 412")]);
    expect(new Book({ title: "Dune" }).toString()).toBe("title: Dune\npages: ");
  });

  test("may hold parts", () => {
    class Cover extends BasePrompt.of({ cover: z.instanceof(Uint8Array) }) {}
    promptTemplate("Look: {cover:image}")(Cover);
    const made = new Cover({ cover: png });
    expect(made.messages()).toEqual([user(["Look:", image(png)])]);
    expect(made.toString()).toBe("Look:[image]");
  });

  test("is inherited, and a subclass may say otherwise", () => {
    class Same extends Sentiment {}
    class Other extends Sentiment {}
    promptTemplate("Other: {text}")(Other);
    const fields = { text: "good", tone: "kind" };
    expect(new Same(fields).messages()).toEqual(new Sentiment(fields).messages());
    expect(new Other(fields).messages()).toEqual([user("Other: good")]);
    expect(new Sentiment(fields).dump().template).toContain("SYSTEM");
  });

  test("with nothing in it is an error, in messages() and toString() alike", async () => {
    const empty = new Question({ question: "" });
    const error = { name: "TemplateError", message: expect.stringContaining("nothing to send") };
    expect(await errorOf(() => empty.messages())).toMatchObject(error);
    expect(await errorOf(() => `${empty}`)).toMatchObject(error);
  });

  test("cannot be asynchronous", async () => {
    class Late extends BasePrompt.of({}) {
      override prompt(): any {
        return Promise.reject(new Error("late"));
      }
    }
    const error = await errorOf(() => new Late({}).messages());
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("Late.prompt()") });
  });
});

test("dump() shows the template, the fields and the messages as plain data", () => {
  expect(new Sentiment({ text: "good" }).dump()).toEqual({
    template: "SYSTEM: Be {tone}.\nUSER: {text} {shout}",
    fields: { text: "good", tone: undefined },
    messages: [system("Be ."), user("good GOOD")],
  });
  expect(new Own({ name: "Ada" }).dump().template).toBeUndefined();
});

describe("fields", () => {
  test.each<readonly [string, any, readonly string[]]>([
    ["missing", {}, ["text"]],
    ["of the wrong type", { text: 5, tone: [] }, ["text", "tone"]],
    ["that the schema refuses", { text: "" }, ["text"]],
  ])("%s are an error with issues where the prompt is made", async (_, fields, paths) => {
    const error = await errorOf(() => new Sentiment(fields));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("Sentiment") });
    expect(error.issues.map((issue: any) => issue.path.join("."))).toEqual(paths);
  });

  test("get what their schemas make of the values, and strangers are left out", () => {
    class Shaped extends BasePrompt.of({
      title: z.string().trim(),
      tags: z.array(z.string()).default(["new"]),
      pages: z.coerce.number(),
    }) {}
    const made = new Shaped({ title: " Dune ", pages: "412", isbn: "x" } as never);
    expect({ ...made }).toEqual({ title: "Dune", tags: ["new"], pages: 412 });
    expect(made.pages satisfies number).toBe(412);
  });

  test("may bear the names of what every object has", () => {
    class Odd extends BasePrompt.of({ constructor: z.string(), valueOf: z.number(), hasOwnProperty: z.boolean() }) {}
    const made = new Odd({ constructor: "Ford", valueOf: 5, hasOwnProperty: true });
    expect(made.toString()).toBe("constructor: Ford\nvalueOf: 5\nhasOwnProperty: true");
    expect(made.dump().fields).toEqual({ constructor: "Ford", valueOf: 5, hasOwnProperty: true });
    promptTemplate("A {valueOf}")(Odd);
    expect(made.messages()).toEqual([user("A 5")]);
  });

  test("are not shared between instances, and the given object stays as it was", () => {
    const fields = Object.freeze({ text: "good" });
    const [one, two] = [new Sentiment(fields), new Sentiment(fields)];
    Object.assign(one, { text: "bad" });
    expect(two.text).toBe("good");
  });

  test("that validate asynchronously are an error that says so", async () => {
    class Late extends BasePrompt.of({ text: z.string().refine(async () => true) }) {}
    expect(await errorOf(() => new Late({ text: "x" }))).toMatchObject({ name: "ConfigurationError" });
  });

  test("need a schema", async () => {
    const error = await errorOf(() => BasePrompt.of({ text: "string" } as never));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("text") });
  });
});

onBothWires((wire) => {
  const sentiment = () => new Sentiment({ text: "good", tone: "kind" });
  const expected = [
    ["system", "Be kind."],
    ["user", "good GOOD"],
  ];

  test("run() and runAsync() send the prompt with a call decorator", async () => {
    const decorator = call(wire.reference, { ...wire.access, temperature: 0 });
    const responses: CallResponse[] = [await sentiment().run(decorator), await sentiment().runAsync(decorator)];
    expect(responses.map(({ content }) => content)).toEqual(Array(2).fill("Hello from the wire server."));
    expect(wire.server.requests.map(({ body }) => turnsOf(body))).toEqual([expected, expected]);
    expect(wire.body.temperature).toBe(0);
  });

  test("run() streams where the call does", async () => {
    wire.server.reply({ text: ["Du", "ne"] });
    const stream: CallStream = await sentiment().run(call(wire.reference, { ...wire.access, stream: true }));
    const pieces: string[] = [];
    for await (const [chunk] of stream) if (chunk.content) pieces.push(chunk.content);
    expect(pieces).toEqual(["Du", "ne"]);
    expect(turnsOf(wire.body)).toEqual(expected);
  });

  test("run() gives what the outputParser makes", async () => {
    const decorator = call(wire.reference, { ...wire.access, outputParser: ({ content }) => content.length });
    expect(await sentiment().run(decorator)).toBe(27);
  });

  test("run() gives a value where the call has a responseModel", async () => {
    const responseModel = z.object({ mood: z.enum(["good", "bad"]) });
    wire.server.reply({ text: '{"mood":"good"}' });
    const decorator = call(wire.reference, { ...wire.access, responseModel, outputMode: "text" });
    expect((await sentiment().run(decorator)).mood).toBe("good");
    expect(turnsOf(wire.body)).toEqual(expect.arrayContaining(expected));
  });

  test("a config of prompt() holds for that run", async () => {
    class Warm extends BasePrompt.of({ name: z.string() }) {
      override prompt() {
        return { messages: `Hello ${this.name}`, params: { temperature: 1 } };
      }
    }
    await new Warm({ name: "Ada" }).run(call(wire.reference, { ...wire.access, temperature: 0 }));
    expect([turnsOf(wire.body), wire.body.temperature]).toEqual([[["user", "Hello Ada"]], 1]);
  });

  test("a config of prompt() without messages leaves them to the template", async () => {
    class Half extends Sentiment {
      override prompt() {
        return { computed: { tone: "cold" }, params: { temperature: 1 } };
      }
    }
    await new Half({ text: "good", tone: "kind" }).run(call(wire.reference, wire.access));
    expect(turnsOf(wire.body)[0]).toEqual(["system", "Be cold."]);
    expect(wire.body.temperature).toBe(1);
  });
});

test("a prompt that cannot be rendered rejects the run, and the model is not asked", async () => {
  const model = script(["never"]);
  expect(await errorOf(new Question({ question: "" }).run(call(model)))).toMatchObject({ name: "TemplateError" });
  expect(model.requests).toEqual([]);
});

test("the same prompt can be sent any number of times, at once, by different models", async () => {
  const models = [script(["a"]), script(["b"])];
  const made = new Question({ question: "Why?" });
  const responses = await Promise.all(models.map((model) => made.run(call(model))));
  expect(responses.map(({ content }) => content)).toEqual(["a", "b"]);
});
