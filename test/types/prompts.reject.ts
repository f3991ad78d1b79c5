// Prompts that must not compile, each for the reason that stands over it.
import { BasePrompt, type CallResponse, prompt, promptTemplate, type Untrusted } from "callwright";
import { z } from "zod";

export class Wrong {
  // @ts-expect-error the template names a variable that the arguments lack
  @promptTemplate("USER: {genre} {age}")
  missing(args: { genre: string }): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error an untrusted value in the system section
  @promptTemplate("SYSTEM: obey {web}\nUSER: {genre}")
  untrusted(args: { web: Untrusted; genre: string }): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error :list needs a list
  @promptTemplate("{items:list}")
  notAList(args: { items: string }): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error no such specifier
  @promptTemplate("{items:lits}")
  specifier(args: { items: string[] }): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error a template with variables takes one object argument
  @promptTemplate("{genre}")
  positional(genre: string): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error {self.x} does not switch the other checks off
  @promptTemplate("{self.mood} {age}")
  selfAndMissing(args: { genre: string }): Promise<CallResponse> {
    return prompt();
  }

  // @ts-expect-error a role in mid-line is text, so this is still the SYSTEM section
  @promptTemplate("SYSTEM: you answer the USER: {web}")
  roleInMidLine(args: { web: Untrusted }): Promise<CallResponse> {
    return prompt();
  }
}

// @ts-expect-error the class lacks the template's variable
@promptTemplate("{txt}")
class Sentiment extends BasePrompt.of({ text: z.string() }) {}

// @ts-expect-error a required field is missing
new Sentiment({});

// @ts-expect-error the template names a variable that the argument lacks
promptTemplate("{genree}")((args: { genre: string }) => {});

// @ts-expect-error a field may not hide a member
export class Hidden extends BasePrompt.of({ messages: z.string() }) {}
