import { call } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { describeError } from "../../src/cli/describe-error.js";
import { errorOf } from "../calls/wires.js";

test.each<[string, z.ZodType, RegExp]>([
  ["a value that does not fit", z.object({ title: z.string().refine(() => false, "No Momo") }), /\ntitle: No Momo\n/],
  [
    "a schema whose code throws",
    z.object({ title: z.string().transform((text) => JSON.parse(text)) }),
    /\nSyntaxError: .*Momo/,
  ],
])("on the command line, the error of %s has the words that logs do not get", async (_, responseModel, words) => {
  const error = await errorOf(
    call(script(['{"title": "Momo"}']), { responseModel: responseModel as never, outputMode: "text" })(() => "Hi")(),
  );
  expect(`${describeError(error)}\n`).toMatch(words);
  expect(String(error)).not.toMatch(words);
});
