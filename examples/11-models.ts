// A model with hands, for when a prompt is just a string; and override, which gives calls another model from outside.
import { call, model, override, user } from "callwright";
import { script, wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: ["Once ", "more."] });

await using haiku = model("anthropic/claude-haiku-4-5", { ...server.anthropic, temperature: 0.2 });
console.log((await haiku.complete("Say something.")).content);
console.log((await haiku.chat([user("Hi!")], { temperature: 0 })).content);
for await (const [chunk] of haiku.stream("Say it slowly.")) if (chunk.content) console.log(chunk.content);
console.log(server.requests.map(({ body }) => body.temperature));

// It stands wherever a model can, and brings its options along.
const recommend = call(haiku)((genre: string) => `Recommend a ${genre} book`);
console.log((await recommend("fantasy")).model);

// Inside, every call asks another model, whatever it says of itself: a test double, say.
const double = script(["Momo"]);
const response = await override({ model: double }, () => recommend("crime"));
console.log(response.content, response.provider, server.requests.length);
