// Turns of a session can be taken back, and a session can be forked to try something out.
import { model, Session } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
const session = new Session({
  model: model("openai/gpt-4o-mini", server.openai),
  system: "Be brief.",
  temperature: 0.3,
});

server.reply({ text: "Momo." }, { text: "1972." }, { text: "1973." }, { text: "Yes." });
await session.send("Recommend a book");
await session.send("When was it written?");

// The answer was wrong, so the question is asked in other words.
const taken = session.rewind();
console.log(taken.map(({ content }) => content).join(" "));
await session.send("When was it first published?");

// The fork knows what was said until now, and the session does not learn of the fork.
const fork = session.fork({ temperature: 0 });
await fork.send("Are you sure?");
console.log(session.history.length, fork.history.length);
console.log(`${session.usage.totalTokens} tokens in three turns, one of them taken back`);
