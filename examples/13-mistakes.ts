// Mistakes of one's own are found before anything is sent, most of them where they are written.
import {
  type CallResponse,
  ConfigurationError,
  call,
  type ModelRef,
  NotCalledError,
  prompt,
  promptTemplate,
  TemplateError,
  UnsupportedProviderError,
} from "callwright";

function attempt(expected: new (...args: any[]) => Error, mistake: () => unknown): void {
  try {
    mistake();
  } catch (error) {
    if (!(error instanceof expected)) throw error;
    console.log(`${error.name}: ${error.message}`);
  }
}

attempt(UnsupportedProviderError, () => call("opnai/gpt-4o-mini"));

// A reference that is known only at run time gets past the compiler.
attempt(UnsupportedProviderError, () => call("gpt-4o-mini" as ModelRef));

attempt(ConfigurationError, () => call("openai/gpt-4o-mini", { maxTokens: 0 }));

attempt(TemplateError, () => promptTemplate("USER: Recommend a {genre book")((_: { genre: string }) => {}));

// Here @call is missing: the method gives a prompt, typed as the response that it would have become.
class Librarian {
  recommend(genre: string): CallResponse {
    return prompt`Recommend a ${genre} book`;
  }
}
attempt(NotCalledError, () => new Librarian().recommend("fantasy").content);
