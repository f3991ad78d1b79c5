// Tests of your own code need no model: script() plays one back, and keeps what it was asked.
import assert from "node:assert/strict";
import { type CallResponse, call, type Model, type Prompt, prompt } from "callwright";
import { script } from "callwright/testing";

/** The code under test: it takes any model. */
function librarian(model: Model) {
  class Librarian {
    @call(model)
    async recommend(genre: string): Promise<CallResponse> {
      return ask(genre);
    }
  }
  return new Librarian();
}

function ask<R = Prompt>(genre: string): R {
  return prompt`Recommend a ${genre} book`;
}

const model = script(["Momo", new Error("The library is closed.")]);

const response = await librarian(model).recommend("fantasy");
assert.equal(response.content, "Momo");
assert.deepEqual(model.requests[0]?.messages, [{ role: "user", content: "Recommend a fantasy book" }]);

await assert.rejects(librarian(model).recommend("crime"), /closed/);

// A prompt alone needs no model at all.
assert.equal(String(ask("crime")), "Recommend a crime book");
console.log("all as expected");
