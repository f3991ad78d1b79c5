import { assistant, document, image, model, Session, system, text, tool, user } from "callwright";
import { expect } from "vitest";
import { z } from "zod";
import type { Section } from "../row.js";
import { answered, call, codesOf, result, round, sentCalls, sentTexts } from "../sent.js";

const everywhere = ["openai", "responses", "anthropic", "mistral"] as const;
const png = image("https://example.com/a.png");
const half = "\ud83d";

export const wordsSent: Section = {
  title: "Texts and turns of a history",
  rows: [
    {
      id: "R10",
      report: "Blank text before a tool call, and in a list of parts",
      outcome: "Left out",
      source: "claude-code#23440, claude-code#59812",
      on: everywhere,
      async run(cell) {
        for (const blank of ["", " ", "\n\n", "\t\u00a0"]) {
          const answer = assistant([text(blank), call("call_00001")]);
          answered(await cell.ask([user([text("Hi"), text(blank)]), answer, result("call_00001")]));
          expect(sentTexts(cell)[0]).toEqual(["user", "Hi"]);
          expect(JSON.stringify(cell.body)).not.toContain(JSON.stringify(blank));
          expect(sentCalls(cell)).toHaveLength(1);
        }
      },
    },
    {
      id: "R11",
      report: "An answer of nothing in a session: blank, refused, or filtered",
      outcome: "Left out of the next request; the history keeps it",
      source: "OpenHands#8685, claude-code#3196",
      on: everywhere,
      async run(cell) {
        for (const blank of ["", "  \n"]) {
          cell.reply({ text: blank }, { text: "Gladly." });
          const session = new Session({ model: model(cell.reference, cell.access) });
          await session.send("One?");
          const response = cell.streamed ? await (await session.stream("Two?")).response() : await session.send("Two?");
          expect(response.content).toBe("Gladly.");
          expect(sentTexts(cell).map(([, words]) => words)).toEqual(["One?", "Two?"]);
          expect(session.history).toHaveLength(4);
        }
      },
    },
    {
      id: "R12",
      report: 'A last answer for the model to go on from: `assistant("Sure: ")`',
      outcome: "Sent; without the white space at its end on Anthropic, marked as a prefix on Mistral",
      source: "forgecode#1872, langchain#35071, rig#1130",
      on: everywhere,
      async run(cell) {
        answered(await cell.ask([user("Write a haiku"), assistant("Sure: ")]));
        expect(sentTexts(cell).at(-1)).toEqual(["assistant", cell.target === "anthropic" ? "Sure:" : "Sure: "]);
        if (cell.target === "mistral") expect(cell.body.messages.at(-1).prefix).toBe(true);
        answered(await cell.ask([user("Write a haiku"), assistant([text("Sure: "), text(" \n")])]));
        expect(sentTexts(cell).at(-1)?.[1]).toMatch(cell.target === "anthropic" ? /^Sure:$/ : /^Sure: /);
      },
    },
    {
      id: "R13",
      report: "A question of nothing but white space",
      outcome: "`ConfigurationError` that names the message; an earlier one is left out with a warning",
      source: "claude-code#23440",
      on: ["anthropic"],
      async run(cell) {
        const { error } = await cell.ask([user("Hi"), assistant("Hello."), user([text(" ")])]);
        expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("messages[2]") });
        const response = answered(await cell.ask([user(" "), user("Hi")]));
        expect(sentTexts(cell)).toEqual([["user", "Hi"]]);
        expect(codesOf(response)).toEqual(["blank_message"]);
      },
    },
    {
      id: "R14",
      report: "A conversation that begins with a greeting of the assistant",
      outcome: "A neutral message of the user before it, with a warning",
      source: "docs.anthropic.com/en/api/messages",
      on: everywhere,
      async run(cell) {
        const greeting = [system("Be brief."), assistant("Welcome!"), user("Hi")];
        const response = answered(await cell.ask(greeting));
        const roles = sentTexts(cell).map(([role]) => role);
        expect(roles.filter((role) => role !== "system")).toEqual(
          cell.target === "anthropic" ? ["user", "assistant", "user"] : ["assistant", "user"],
        );
        expect(codesOf(response)).toEqual(cell.target === "anthropic" ? ["turn_added"] : []);
      },
    },
    {
      id: "R15",
      report: "A user or system message right behind tool results",
      outcome: "An assistant message between on Mistral, with a warning; as it is elsewhere",
      source: "hermes-agent#20154, mistral-vibe#578, onyx#6458",
      on: everywhere,
      async run(cell) {
        const response = answered(await cell.ask([user("Hi"), ...round("call_1"), user("And now?")]));
        const added = cell.target === "mistral" ? ["turn_added"] : [];
        expect(codesOf(response)).toEqual(added);
        expect(sentCalls(cell)).toHaveLength(1);
        answered(await cell.ask([user("Hi"), ...round("call_1"), system("Be brief."), user("And now?")]));
        // What a result shows beside its text follows as the user's.
        const shown = result("call_1", [text("The cover:"), png]);
        answered(await cell.ask([user("Hi"), assistant([call("call_1")]), shown]));
        expect(JSON.stringify(cell.body)).toContain("https://example.com/a.png");
      },
    },
    {
      id: "R16",
      report: "An image in a system message or in an answer, a result in a user message, text as a tool's",
      outcome: "`ConfigurationError` before the request, which names message and part",
      source: "openai-node#1030",
      on: everywhere,
      async run(cell) {
        const toolResult = { type: "tool-result", id: "a", name: "x", content: "1" } as const;
        const cases: [messages: any[], place: string][] = [
          [[system(["Look", png]), user("Hi")], "messages[0].content[1] is an image part"],
          [[user("Hi"), assistant([png]), user("Well?")], "messages[1].content[0] is an image part"],
          [[user([toolResult])], "messages[0].content[0] is a tool-result part"],
          [[user("Hi"), { role: "tool", content: "1" }], "messages[1] is a tool message without a tool result"],
        ];
        for (const [messages, place] of cases) {
          const { error } = await cell.ask(messages);
          expect(error).toMatchObject({ name: "ConfigurationError" });
          expect(error.message).toContain(place);
        }
        expect(cell.server.requests).toEqual([]);
      },
    },
    {
      id: "R17",
      report: "Half surrogate pairs in texts, arguments (values and keys), names, descriptions, `stop`, `extraBody`",
      outcome: "Replaced by U+FFFD, wherever they stand; nothing of the caller's is changed",
      source: "opencode#13985, claude-code#60394, claude-code#1939",
      on: ["openai", "responses", "anthropic"],
      async run(cell) {
        const odd = tool({
          name: "odd",
          description: `Half a pair: ${half}`,
          input: z.object({ city: z.string().describe(half) }).meta({ title: half }),
        })(async () => half);
        const args = `{"${half}":"${half}","escaped":"\\ud83d","\\udc00":{"deep":["\\ud83d"]}}`;
        const pdf = document(Buffer.from("%PDF-1.7"), { name: `${half}.pdf` });
        const history = [
          system(half),
          user([text(`Hi ${half}`), pdf]),
          assistant([text(half), call("call_1", "odd", args)]),
          { ...result("call_1", [text(half)]) },
        ];
        const before = JSON.stringify(history);
        const extraBody = { metadata: { user_id: half } };
        answered(await cell.ask(history, { tools: [odd], stop: [half], extraBody }));
        const sent = JSON.stringify(cell.body);
        expect(sent).not.toMatch(/\\\\?ud83d|\\\\?udc00/i);
        expect(sent.split("\ufffd").length).toBeGreaterThan(9);
        expect(JSON.stringify(history)).toBe(before);
        expect(extraBody.metadata.user_id).toBe(half);
      },
    },
  ],
};
