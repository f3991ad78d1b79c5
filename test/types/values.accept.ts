// Calls with a responseModel that must compile: they make the schema's value, or one that grows.
import {
  type CallOptions,
  type CallResponse,
  call,
  type DeepPartial,
  type OutputStream,
  prompt,
  responseOf,
} from "callwright";
import { z } from "zod";
import { exactly } from "./exactly.js";
import { getWeather } from "./tools.accept.js";

const Book = z.object({ title: z.string(), author: z.string(), year: z.number().int().optional() });
type Book = z.infer<typeof Book>;

class Librarian {
  @call("anthropic/claude-haiku-4-5", { responseModel: Book })
  async extract(text: string): Promise<Book> {
    return prompt`Extract the book from: ${text}`;
  }

  @call("openai/gpt-4o-mini", { responseModel: Book, stream: true })
  async extractStream(text: string): Promise<OutputStream<Book>> {
    return prompt`Extract: ${text}`;
  }

  @call("openai/gpt-4o-mini", { responseModel: z.array(Book), reask: 2, outputMode: "tool" })
  async list(text: string): Promise<Book[]> {
    return prompt`Extract: ${text}`;
  }

  @call("openai/gpt-4o-mini", { responseModel: z.enum(["good", "bad"]), tools: [getWeather], maxSteps: 3 })
  async judge(text: string): Promise<"good" | "bad"> {
    return prompt`Judge: ${text}`;
  }

  // A wider declaration is no lie.
  @call("openai/gpt-4o-mini", { responseModel: Book })
  async wider(text: string): Promise<{ title: string }> {
    return prompt`Extract: ${text}`;
  }
}

const extract = call("openai/gpt-4o-mini", { responseModel: Book })((text: string) => prompt`Extract ${text}`);
const lengths = call("openai/gpt-4o-mini", { responseModel: z.string().transform((text) => text.length) })(() => "x");
const grow = call("openai/gpt-4o-mini", { responseModel: z.array(Book), stream: true })(() => "x");

export const options = { responseModel: Book, reask: 1 } satisfies CallOptions;

export async function main(): Promise<void> {
  const librarian = new Librarian();

  const book = await librarian.extract("…");
  exactly<typeof book.title, string>();
  exactly<typeof book.year, number | undefined>();
  exactly<ReturnType<typeof responseOf>, CallResponse>();
  responseOf(book).usage?.inputTokens satisfies number | undefined;

  const stream = await librarian.extractStream("…");
  for await (const partial of stream) {
    exactly<typeof partial, DeepPartial<Book>>();
    exactly<typeof partial.title, string | undefined>();
  }
  exactly<Awaited<ReturnType<typeof stream.output>>, Book>();
  exactly<Awaited<ReturnType<typeof stream.response>>, CallResponse>();

  exactly<Awaited<ReturnType<typeof extract>>, Book>();
  exactly<Awaited<ReturnType<typeof lengths>>, number>();
  exactly<Awaited<ReturnType<typeof grow>>, OutputStream<Book[]>>();
  for await (const books of await grow()) exactly<(typeof books)[number]["title"], string | undefined>();
  exactly<Awaited<ReturnType<typeof librarian.judge>>, "good" | "bad">();
  responseOf(await librarian.list("…"));
}
