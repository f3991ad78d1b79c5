// Run by language-model.test.ts: asks one model once, and tells the answer and how long the process then lasted.
import { type ModelRef, model } from "callwright";

const { REFERENCE = "", ACCESS = "" } = process.env;
{
  await using own = model(REFERENCE as ModelRef, JSON.parse(ACCESS));
  console.log((await own.complete("Hi")).content);
}
const over = performance.now();
process.once("exit", () => console.log(performance.now() - over));
