import { type Message, type Prompt, prompt, promptTemplate } from "callwright";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "./any-text.js";
import { runsOf } from "./runs.js";

const runs = runsOf("test/properties/template-values.test.ts");

/** One section: its marker, and literal text with the numbers of values between. */
interface Part {
  readonly role: "" | "SYSTEM" | "USER" | "ASSISTANT" | "MESSAGES";
  readonly indent: string;
  readonly pieces: readonly (string | Hole)[];
}

/** The number of a value, a list that holds the first, or messages. */
type Hole = number | "list" | "history";

const values = 3;
const literals = fc.constantFrom(
  "",
  " ",
  "a",
  " b ",
  "\n",
  "\n  ",
  "\r\n    c\n",
  "ECOSYSTEM: d",
  ".",
  "{",
  "}",
  "{x}",
);
const holes: fc.Arbitrary<Hole> = fc.oneof(fc.nat(values - 1), fc.constant("list" as const));
const parts: fc.Arbitrary<Part> = fc.record({
  role: fc.constantFrom("SYSTEM", "USER", "ASSISTANT", "MESSAGES"),
  indent: fc.constantFrom("", "  ", "\t"),
  pieces: fc.array(fc.oneof(literals, holes), { maxLength: 6 }),
});
const templates: fc.Arbitrary<readonly Part[]> = fc
  .record({ first: fc.array(fc.oneof(literals, holes), { maxLength: 4 }), others: fc.array(parts) })
  .map(({ first, others }) => [{ role: "", indent: "", pieces: first }, ...others]);

const markers = [
  "SYSTEM:",
  "USER:",
  "ASSISTANT:",
  "MESSAGES:",
  "{",
  "}",
  "{x}",
  "{{",
  ":list",
  "{:cache}",
  "$&",
  "<0>",
];
const anyValue = anyText(...markers, "\n  USER: ");

/** What stands for a value in the messages that are expected; no value holds it, since its letters are nobody's. */
const tokens = ["\ue000", "\ue001", "\ue002"];

/** The literal pieces of a template, and which value stands behind each but the last. */
function spelled(template: readonly Part[]): { readonly strings: string[]; readonly holes: Hole[] } {
  const strings = [""];
  const holes: Hole[] = [];
  const literal = (text: string) => {
    strings[strings.length - 1] += text;
  };
  const hole = (value: Hole) => {
    holes.push(value);
    strings.push("");
  };
  for (const { role, indent, pieces } of template) {
    if (role) literal(`\n${indent}${role}:`);
    if (role === "MESSAGES") {
      literal(" ");
      hole("history");
    } else for (const piece of pieces) typeof piece === "string" ? literal(piece) : hole(piece);
  }
  return { strings, holes };
}

/** The messages of both doors; they must not differ. */
async function rendered(template: readonly Part[], texts: readonly string[]): Promise<readonly Message[]> {
  const { strings, holes } = spelled(template);
  const history: Message[] = texts.map((text) => ({ role: "assistant", content: `before ${text}` }));
  const list = [texts[0], "end"];
  const standFor = (hole: Hole) => (hole === "history" ? history : hole === "list" ? list.join("\n") : texts[hole]);
  const nameOf = (hole: Hole) => (hole === "history" ? "history" : hole === "list" ? "list:list" : `texts.${hole}`);
  const literals = Object.assign([...strings], { raw: strings }) as unknown as TemplateStringsArray;
  const tagged = prompt(literals, ...holes.map(standFor));

  const pieces = strings.map((text) => text.replaceAll("{", "{{").replaceAll("}", "}}"));
  const source: string = pieces
    .map((text, index) => (index === 0 ? text : `{${nameOf(holes[index - 1]!)}}${text}`))
    .join("");
  const fill: (variables: any) => Promise<Prompt> = promptTemplate(source)((_: any) => {});
  expect((await fill({ texts, list, history })).messages).toEqual(tagged.messages);
  return tagged.messages;
}

test("any text as a value keeps count, order and roles of the messages, and stands in its own as it is", async () => {
  await fc.assert(
    fc.asyncProperty(
      templates,
      fc.array(anyValue, { minLength: values, maxLength: values }),
      async (template, texts) => {
        const put = (content: unknown) =>
          String(content).replaceAll(/[\ue000-\ue002]/g, (token) => texts[tokens.indexOf(token)] as string);
        const isLeftOut = ({ content }: Message) => {
          const literal = String(content).replaceAll(/[\ue000-\ue002]/g, "");
          // Where all values are empty and no text stands around them, there is no message.
          return put(content) === literal && literal.trim() === "";
        };
        const expected = (await rendered(template, tokens))
          .filter((message) => !isLeftOut(message))
          .map(({ role, content }) => ({ role, content: put(content) }));
        expect(await rendered(template, texts)).toEqual(expected);
      },
    ),
    runs,
  );
}, 300_000);
