// With a responseModel, a call gives a value of that schema: asked for, validated, typed.
import { call, type OutputStream, prompt, RefusalError, ResponseValidationError, responseOf } from "callwright";
import { wireServer } from "callwright/testing";
import { z } from "zod";

await using server = await wireServer();
const Book = z.object({ title: z.string(), year: z.number().int() });
type Book = z.infer<typeof Book>;

class Librarian {
  // An answer that does not fit is sent back once, with what is wrong with it.
  @call("openai/gpt-4o-mini", { ...server.openai, responseModel: Book, reask: 1 })
  async extract(text: string): Promise<Book> {
    return prompt`Which book is this about? ${text}`;
  }

  @call("anthropic/claude-haiku-4-5", { ...server.anthropic, responseModel: z.array(Book), stream: true })
  async shelf(): Promise<OutputStream<Book[]>> {
    return prompt`Which books are on the shelf?`;
  }
}
const librarian = new Librarian();

server.reply({ text: '{"title": "Momo"}' }, { text: '{"title": "Momo", "year": 1973}' });
const book = await librarian.extract("A girl who can listen.");
console.log(`${book.title}, ${book.year + 50}, ${responseOf(book).usage?.totalTokens} tokens`);

// Streamed, the value grows.
server.reply({ text: ['{"value": [{"title": "Mo', 'mo", "year": 1973}, {"ti', 'tle": "Dune", "year": 1965}]}'] });
for await (const books of await librarian.shelf()) console.log(JSON.stringify(books));

server.reply({ text: "I do not know." });
await librarian.extract("Hm.").catch((error) => {
  if (error instanceof ResponseValidationError) console.log(`no book: ${error.response.content}`);
  else if (error instanceof RefusalError) console.log(`refused: ${error.response.refusal}`);
  else throw error;
});
