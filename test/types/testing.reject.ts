// Test doubles that must not compile, each for the reason that stands over it.
import { denyNetwork, faults, record, script, testModel, wireServer } from "callwright/testing";

// @ts-expect-error the turns are a list
script("Momo");

// @ts-expect-error no such reason to stop
script([{ text: "Momo", finishReason: "end_turn" }]);

// @ts-expect-error a tool call has arguments
script([{ toolCalls: [{ name: "format_book" }] }]);

// @ts-expect-error no such event
script([[{ type: "text", text: "Momo" }]]);

// @ts-expect-error several tools are a list
testModel({ callTools: "format_book" });

// @ts-expect-error no such mode
record("talk", { mode: "always" });

// @ts-expect-error no such fault
faults.crash();

const server = await wireServer();
// @ts-expect-error a reply is an object
server.reply("Momo");
// @ts-expect-error no such field
server.reply({ txt: "Momo" });
// @ts-expect-error what was asked is not changed
server.requests.push();

// @ts-expect-error it is closed, not awaited
denyNetwork().then(() => {});
