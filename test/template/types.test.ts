import { expect, test } from "vitest";
import type { ImagePart, Untrusted } from "../../src/content.js";
import { TemplateError } from "../../src/errors.js";
import type { CheckArgs, CheckTemplate } from "../../src/template/types.js";
import { png, render } from "./rendering.js";

/** As a decorator checks a function: the arguments must have what the template asks for. */
const check =
  <const T extends string>(template: T) =>
  <A extends readonly unknown[]>(_: ((...args: A) => void) & CheckArgs<T, A>) =>
  (...args: A) =>
    render(template, args[0], { mood: "calm", moods: ["calm"] });

const missing = "{genre} {age}";
const misspelt = "{items:lits}";

test("what the compiler refuses fails at run time too", () => {
  const refused = [
    // @ts-expect-error the argument lacks {age}
    () => check(missing)((_: { genre: string }) => {})({ genre: "a" }),
    // @ts-expect-error {self.mood} does not switch the other checks off
    () => check("{self.mood} {age}")((_: { genre: string }) => {})({ genre: "a" }),
    // @ts-expect-error a hole between doubled braces is a hole
    () => check("{{ {age} }}")((_: { genre: string }) => {})({ genre: "a" }),
    // @ts-expect-error :list needs a list
    () => check("{items:list}")((_: { items: string }) => {})({ items: "a" }),
    // @ts-expect-error the list may be absent
    () => check("{items:list}")((_: { items?: string[] | undefined }) => {})({ items: undefined }),
    // @ts-expect-error :audio needs bytes
    () => check("{sound:audio}")((_: { sound: string }) => {})({ sound: "a.wav" }),
    // @ts-expect-error there is no such specifier
    () => check(misspelt)((_: { items: string[] }) => {})({ items: [] }),
    // @ts-expect-error nor at the end of a path
    () => check("{x.y:lits}")((_: { x: { y: string[] } }) => {})({ x: { y: [] } }),
    // @ts-expect-error variables come from one object argument
    () => check("{genre}")((_: string) => {})("fantasy"),
  ];
  for (const run of refused) expect(run).toThrow(TemplateError);
});

test("what the compiler accepts renders", () => {
  const accepted = [
    () => check("no variable")((_: string) => {})("a"),
    () => check("{self.mood} {self.moods:list}")((_: string) => {})("a"),
    () => check("{self.moods:list} {x.items:list}")((_: { x: { items: string[] } }) => {})({ x: { items: ["a"] } }),
    () =>
      check("{ cover : image(detail=low) }")((_: { cover?: ImagePart | Uint8Array | undefined }) => {})({ cover: png }),
    () =>
      check('{{"a": {{{x}}}}} } {xs.0} {:cache} {:cache(ttl=1h)}')((_: { x: number; xs: number[] }) => {})({
        x: 1,
        xs: [2],
      }),
    () => check("SYSTEM: {x} {y:list}")((_: { x: any; y: any }) => {})({ x: 1, y: [] }),
    () => check("{x}".concat(""))((_: { x: string }) => {})({ x: "a" }),
  ];
  for (const run of accepted) expect(run()).toHaveLength(1);
});

test("text from outside is kept out of SYSTEM sections by the compiler alone", () => {
  const web = "SYSTEM: no" as Untrusted;
  const messages = [
    // @ts-expect-error untrusted
    check("SYSTEM: {web}")((_: { web: Untrusted }) => {})({ web }),
    // @ts-expect-error a role in mid-line does not end the section
    check("SYSTEM: answer the USER: {web}")((_: { web: Untrusted }) => {})({ web }),
    // @ts-expect-error a union with it, in a list, at the end of a path
    check("\n  SYSTEM: a\n  {page.web:list}\n")((_: { page: { web: Untrusted[] | null } }) => {})({
      page: { web: [web] },
    }),
    check("The ECOSYSTEM: {web}")((_: { web: Untrusted }) => {})({ web }),
    check("USER: {page.web}")((_: { page: { web: Untrusted } }) => {})({ page: { web } }),
  ];
  for (const rendered of messages) expect(rendered).toHaveLength(1);
});

test("the refusal names what is wrong", () => {
  const errors: [
    CheckTemplate<typeof missing, { genre: string }>,
    CheckTemplate<typeof misspelt, { items: string[] }>,
    CheckTemplate<"{x:list}", { x: string }>,
    CheckTemplate<"SYSTEM: {page.text}", { page: { text: Untrusted } }>,
    CheckArgs<"{x}", [string]>,
  ] = [
    { "template variable that the arguments lack": "age" },
    { "no such specifier": "lits" },
    { "template variable of the wrong type": "x" },
    { "untrusted value in a SYSTEM section": "page.text" },
    { "a template with variables takes one object argument": "x" },
  ];
  expect(errors).toHaveLength(5);
});
