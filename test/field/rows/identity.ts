import { expect } from "vitest";
import { chat } from "../../streams/wire-chunks.js";
import type { Section } from "../row.js";
import { stream, u, whole } from "./wire-answers.js";

const azure = { id: "", model: "", object: "", created: 0, choices: [], prompt_filter_results: [{ prompt_index: 0 }] };

export const identity: Section = {
  title: "Who answered",
  rows: [
    {
      id: "B1",
      report: "Azure's first chunk, with an empty id and an empty model beside the filter's results",
      outcome: "The first id and the first model that are not empty, so the cost is known",
      source: "vercel/ai#5577, ruby_llm#830",
      on: ["openai", "azure"],
      ways: ["streamed"],
      async run(cell) {
        cell.reply(stream(azure, chat.text("Hi"), chat.finish(), chat.usage(1000, 10)));
        const { response } = await cell.ask();
        expect(response).toMatchObject({ id: "chatcmpl-1", model: "gpt-4o-mini" });
        expect(response?.cost).toBeGreaterThan(0);
      },
    },
    {
      id: "B2",
      report: "An id in the first chunk, the model in a later one; `null` or nothing in between",
      outcome: "Each is read by itself",
      source: "ruby_llm#830",
      on: ["openai", "mistral"],
      ways: ["streamed"],
      async run(cell) {
        const { id: _, model: __, ...bare } = chat.text("Hi");
        cell.reply(
          stream({ ...bare, id: "first", model: "" }, { ...bare, id: null, model: null }, bare, {
            ...chat.finish(),
            id: "second",
          }),
        );
        expect((await cell.ask()).response).toMatchObject({ id: "first", model: "gpt-4o-mini", content: "HiHiHi" });
      },
    },
    {
      id: "B3",
      report: "An id that is a number, or neither id nor model",
      outcome: "The number as text; the name of the model that was asked",
      source: "vercel/ai#5577",
      on: ["openai"],
      async run(cell) {
        cell.reply(
          cell.streamed
            ? stream({ ...chat.finish("stop", { content: "Hi" }), id: 7 })
            : whole({ content: "Hi" }, "stop", { id: 7 }),
        );
        expect((await cell.ask()).response?.id).toBe("7");
        const nameless = { id: undefined, model: { toString: 1 }, ...u(1, 1) };
        cell.reply(
          cell.streamed
            ? stream({ ...chat.finish("stop", { content: "Hi" }), ...nameless })
            : whole({ content: "Hi" }, "stop", nameless),
        );
        expect((await cell.ask()).response).toMatchObject({ id: "", model: "gpt-4o-mini", content: "Hi" });
      },
    },
  ],
};
