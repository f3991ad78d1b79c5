// A model that needs no script: it calls every tool and fits every schema. denyNetwork() proves that no other was asked.
import { ConnectionError, call, tool } from "callwright";
import { denyNetwork, testModel } from "callwright/testing";
import { z } from "zod";

const shelfOf = tool({
  name: "shelf_of",
  description: "The shelf that a book stands on",
  input: z.object({ title: z.string(), isbn: z.string().regex(/^\d{3}-\d{10}$/) }),
})(({ title, isbn }) => {
  console.log(`asked for ${title}: ${/^\d{3}-\d{10}$/.test(isbn) ? "a valid ISBN" : isbn}`);
  return "E4";
});
const Loan = z.object({ days: z.number().int().min(7).max(28), due: z.iso.date(), reader: z.email() });

const denial = denyNetwork();

// What the tests do not care about is made up, the same each time; what they do care about is given.
const model = testModel({ text: "It stands on E4.", args: { shelf_of: { title: "Momo" } } });
const find = call(model, { tools: [shelfOf], maxSteps: 2 })((title: string) => `Where is ${title}?`);
const answer = await find("Momo");
console.log(`${answer.content} (${answer.steps.length} steps)`);

// Run what takes a model's values with many of them.
let valid = 0;
for (let seed = 0; seed < 100; seed++) {
  const lend = call(testModel({ seed }), { responseModel: Loan })((title: string) => `Lend me ${title}.`);
  if (Loan.safeParse(await lend("Momo")).success) valid++;
}
console.log(`${valid} valid loans of 100`);

try {
  await call("openai/gpt-4o-mini", { apiKey: "sk-none", baseURL: "https://api.openai.com/v1" })(() => "Hello?")();
} catch (error) {
  if (!(error instanceof ConnectionError)) throw error;
  console.log(error.message.split(".").slice(0, 3).join("."));
}
denial.close();
