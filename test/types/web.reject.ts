// What cannot be served or sent.
import { call, model, prompt } from "callwright";
import { handler, toResponse } from "callwright/web";

const mini = model("openai/gpt-4o-mini");

// @ts-expect-error: a number cannot be called.
handler({ librarian: 42 });
// @ts-expect-error: a reference becomes a model by model().
handler({ librarian: "openai/gpt-4o-mini" });
// @ts-expect-error: a whole answer is no stream.
toResponse(await mini.complete("Hi"));
// @ts-expect-error: the call was not asked to stream.
toResponse(call(mini)(() => prompt`Hi`)());
