// What the clients are given: `callwright serve library.mjs`.
import { call, model, tool } from "callwright";
import { z } from "zod";

const reference = "openai/gpt-4o-mini";
const findBook = tool({ name: "find_book", description: "Finds a book", input: z.object({ title: z.string() }) })(
  ({ title }) => `${title} stands on shelf E.`,
);

export const mini = model(reference);
export const answer = call(reference)((messages) => messages);
export const told = call(reference, { stream: true })((messages) => messages);
export const agent = call(reference, { tools: [findBook], maxSteps: 3, stream: true })((messages) => messages);
export const extract = call(reference, { responseModel: z.object({ title: z.string(), year: z.number() }) })(
  (messages) => messages,
);
export const broken = call(reference)(() => {
  throw new TypeError("The owner's own mistake.");
});
