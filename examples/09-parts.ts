// Messages and their parts: text, images, sound, documents, and up to where the provider may cache.
import { assistant, audio, cachePoint, call, document, image, prompt, system, text, user } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();

const bytes = (content: string) => new TextEncoder().encode(content);

// Links go to the provider as they are: nothing is downloaded here. Bytes are recognised by how they begin.
const cover = image("https://example.com/cover.png", { detail: "low" });
const voice = audio(bytes("RIFF....WAVE and so on"));
const leaflet = document(bytes("%PDF-1.4 and so on"), { name: "leaflet.pdf" });

const ask = call(
  "openai/gpt-4o-mini",
  server.openai,
)((question: string) => [
  system("You are a librarian."),
  user(["What do you see, and what do you hear?", cover, voice]),
  assistant("A dragon, and rain."),
  user([leaflet, text(question)]),
]);
await ask("And what does this say?");
for (const { role, content } of server.requests[0]!.body.messages) {
  console.log(
    role,
    typeof content === "string" ? content : content.map(({ type }: { type: string }) => type).join(", "),
  );
}

// In the tag, a part stands where you put it. What comes before the cache point is kept; OpenAI needs no such mark.
const summarise = call(
  "anthropic/claude-haiku-4-5",
  server.anthropic,
)((question: string) => prompt`${leaflet} ${cachePoint("1h")} ${question}`);
await summarise("Summarise this.");
console.log(server.requests[1]!.body.messages[0].content.map((block: any) => block.cache_control ?? block.type));
