import { tool } from "callwright";
import { z } from "zod";

export const findBook = tool({
  name: "find_book",
  description: "Finds a book",
  input: z.object({ title: z.string() }),
})(async ({ title }) => `${title} stands on shelf E.`);
