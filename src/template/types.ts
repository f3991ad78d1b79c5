import type { AudioPart, DocumentPart, ImagePart, TextPart, Untrusted } from "../content.js";

/** What each specifier takes. In the singular an absent value is left out; in the plural the list must be there. */
interface SpecifierTypes {
  list: readonly unknown[];
  lists: readonly (readonly unknown[])[];
  text: string | TextPart | null | undefined;
  texts: readonly (string | TextPart)[];
  image: ImagePart | URL | Uint8Array | string | null | undefined;
  images: readonly (ImagePart | URL | Uint8Array | string)[];
  audio: AudioPart | Uint8Array | null | undefined;
  document: DocumentPart | URL | Uint8Array | string | null | undefined;
}

/** The variables of a template and what their specifiers take, read from its text; none for a text known only at run time. */
export type TemplateVars<T extends string, Found = unknown> = string extends T
  ? Found
  : T extends `${string}{${infer Rest}`
    ? Rest extends `{${infer After}`
      ? TemplateVars<After, Found>
      : Rest extends `${infer Hole}}${infer After}`
        ? TemplateVars<After, Found & HoleVars<Trim<Hole>>>
        : Found
    : Found;

type HoleVars<Hole extends string> = Hole extends `:${string}`
  ? unknown
  : Hole extends `${infer Path}:${infer Name}`
    ? PathVars<Trim<Path>, SpecifierType<Trim<Name>>>
    : PathVars<Hole, unknown>;

// A path says nothing about the type of its head, but a misspelt specifier is one wherever it stands.
type PathVars<Path extends string, Type> = Path extends `${infer Head}.${string}`
  ? { [K in Trim<Head>]: Type extends Misspelt<string> ? Type : unknown }
  : { [K in Path]: Type };

interface Misspelt<Name> {
  readonly "no such specifier": Name;
}
type SpecifierType<Name extends string> = Name extends `${infer Plain}(${string}`
  ? SpecifierType<Trim<Plain>>
  : Name extends keyof SpecifierTypes
    ? SpecifierTypes[Name]
    : Misspelt<Name>;

type Trim<S extends string> = TrimEnd<TrimStart<S>>;
type TrimStart<S extends string> = S extends ` ${infer R}` | `\t${infer R}` | `\r${infer R}` | `\n${infer R}`
  ? TrimStart<R>
  : S;
type TrimEnd<S extends string> = S extends `${infer R} ` | `${infer R}\t` | `${infer R}\r` | `${infer R}\n`
  ? TrimEnd<R>
  : S;

// The lines of SYSTEM sections: a role counts at the start of a line only.
type SystemText<T extends string> = T extends `${string}SYSTEM:${string}` ? SystemLines<T, false, ""> : "";
type SystemLines<T extends string, In extends boolean, Kept extends string> = T extends `${infer Line}\n${infer Rest}`
  ? SystemLines<Rest, InSystem<TrimStart<Line>, In>, Keep<Line, In, Kept>>
  : Keep<T, In, Kept>;
type Keep<Line extends string, In extends boolean, Kept extends string> =
  InSystem<TrimStart<Line>, In> extends true ? `${Kept}\n${Line}` : Kept;
type InSystem<Line extends string, In extends boolean> = Line extends `SYSTEM:${string}`
  ? true
  : Line extends `${"USER" | "ASSISTANT" | "MESSAGES"}:${string}`
    ? false
    : In;

type IsAny<T> = 0 extends 1 & T ? true : false;
type MisspeltIn<Vars> = { [K in keyof Vars]: Vars[K] extends Misspelt<infer Name> ? Name : never }[keyof Vars];
type WrongType<Vars, Args> = {
  [K in keyof Args & keyof Vars]: IsAny<Args[K]> extends true ? never : Args[K] extends Vars[K] ? never : K;
}[keyof Args & keyof Vars];
/** The paths of a text's holes that lead to text from outside. */
type Tainted<T extends string, Args> = TaintedPath<Paths<T>, Args>;
type TaintedPath<Path extends string, Args> = Path extends unknown
  ? IsUntrusted<At<Args, Path>> extends true
    ? Path
    : never
  : never;
type IsUntrusted<T> =
  IsAny<T> extends true ? false : [Extract<T, Untrusted | readonly Untrusted[]>] extends [never] ? false : true;
type At<T, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : unknown
  : Path extends keyof T
    ? T[Path]
    : unknown;
type Paths<T extends string, Found extends string = never> = T extends `${string}{${infer Rest}`
  ? Rest extends `{${infer After}`
    ? Paths<After, Found>
    : Rest extends `${infer Hole}}${infer After}`
      ? Paths<After, Found | Trim<Hole extends `${infer Path}:${string}` ? Path : Hole>>
      : Found
  : Found;

/** `unknown` where an object of type `Args` has what the template asks for; otherwise a type whose one key says what is wrong. */
export type CheckTemplate<T extends string, Args> = CheckVars<Omit<TemplateVars<T>, "self">, Args, T>;
type CheckVars<Vars, Args, T extends string> = [Exclude<keyof Vars, keyof Args>] extends [never]
  ? [MisspeltIn<Vars>] extends [never]
    ? [WrongType<Vars, Args>] extends [never]
      ? [Tainted<SystemText<T>, Args>] extends [never]
        ? unknown
        : { readonly "untrusted value in a SYSTEM section": Tainted<SystemText<T>, Args> }
      : { readonly "template variable of the wrong type": WrongType<Vars, Args> }
    : Misspelt<MisspeltIn<Vars>>
  : { readonly "template variable that the arguments lack": Exclude<keyof Vars, keyof Args> };

/** The same for the arguments of a function or method, whose variables come from one object. */
export type CheckArgs<T extends string, Args extends readonly unknown[]> = [
  Exclude<keyof TemplateVars<T>, "self">,
] extends [never]
  ? unknown
  : Args extends readonly [infer First extends object, ...unknown[]]
    ? CheckTemplate<T, First>
    : { readonly "a template with variables takes one object argument": Exclude<keyof TemplateVars<T>, "self"> };
