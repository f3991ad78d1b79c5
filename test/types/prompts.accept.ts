// Prompts that must compile: the tag, templates and what they check, prompt classes.
import {
  BasePrompt,
  type CallResponse,
  call,
  field,
  type ImagePart,
  type Message,
  openai,
  type Prompt,
  prompt,
  promptTemplate,
  type Untrusted,
} from "callwright";
import { z } from "zod";
import { exactly } from "./exactly.js";

export class Templates {
  @call("openai/gpt-4o-mini")
  @promptTemplate(
    'SYSTEM: You are a {persona}.\nMESSAGES: {history}\nUSER: Books like {titles:list} with this cover {cover:image(detail=low)}? JSON: {{"a": 1}}',
  )
  async templated(args: {
    persona: string;
    history: Message[];
    titles: string[];
    cover: ImagePart;
  }): Promise<CallResponse> {
    return prompt();
  }

  @promptTemplate("{genre}")
  @call("openai/gpt-4o-mini")
  async otherOrder(args: { genre: string }): Promise<CallResponse> {
    return prompt();
  }

  @promptTemplate("USER: The ECOSYSTEM: {web}")
  aRoleInProse(args: { web: Untrusted }): Promise<CallResponse> {
    return prompt();
  }

  @promptTemplate("{self.mood}")
  onlySelf(genre: string): Promise<CallResponse> {
    return prompt`${genre}`;
  }

  @promptTemplate("Hear {sound:audio}")
  sound(args: { sound: Uint8Array }): Promise<CallResponse> {
    return prompt();
  }
}

@promptTemplate("Analyze the sentiment of: {text}")
class SentimentAnalysisPrompt extends BasePrompt.of({ text: z.string(), tone: z.string().optional() }) {}

@promptTemplate("Analyze {text} {shout}")
class OldPrompt extends BasePrompt {
  @field(z.string()) text!: string;
  get shout() {
    return this.text.toUpperCase();
  }
}

export async function main(): Promise<void> {
  const sentiment = new SentimentAnalysisPrompt({ text: "I love it" });
  exactly<typeof sentiment.text, string>();
  exactly<typeof sentiment.tone, string | undefined>();
  exactly<ReturnType<typeof sentiment.messages>, readonly Message[]>();
  const result = await sentiment.runAsync(openai.call("gpt-4o-mini"));
  exactly<typeof result.content, string>();
  const stream = await sentiment.run(openai.call("gpt-4o-mini", { stream: true }));
  for await (const [chunk] of stream) exactly<typeof chunk.content, string>();

  new OldPrompt({ text: "x" });
  OldPrompt.from({ text: "x" }) satisfies OldPrompt;

  const template = promptTemplate("Recommend a {genre} book")((_: { genre: string }) => {});
  (await template({ genre: "fantasy" })) satisfies Prompt;
}
