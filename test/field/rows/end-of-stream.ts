import { expect } from "vitest";
import { chat } from "../../streams/wire-chunks.js";
import type { Section } from "../row.js";

export const endOfStream: Section = {
  title: "The end of a stream",
  rows: [
    {
      id: "A0",
      report: "Comments for as long as the model is silent",
      outcome: "Ignored; the answer is whole",
      source: "the event stream standard",
      on: ["openai"],
      ways: ["streamed"],
      async run(cell) {
        cell.reply({
          chunks: [": ping\n\n", chat.text("I am "), ": ping\n\n", chat.text("more."), chat.finish(), chat.done],
        });
        const { response, shown } = await cell.ask();
        expect(shown).toBe("I am more.");
        expect(response?.finishReason).toBe("stop");
      },
    },
  ],
};
