import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Project, project, root } from "./project.js";

const commands = ["", "run", "serve", "mock", "connect", "connect init", "connect test", "connect start"];
const marks = ["<!-- help: made by test/cli -->", "<!-- /help -->"] as const;
const pages = ["README.md", "docs/cli.md", "docs/connect.md", "docs/web.md", "docs/testing.md"];
const read = (page: string) => readFileSync(join(root, page), "utf8");

const helps = new Map<string, string>();
beforeAll(async () => {
  using here: Project = project();
  for (const command of commands) {
    const { code, out, err } = await here.run([...command.split(" ").filter(Boolean), "--help"]);
    expect([code, err], command).toEqual([0, ""]);
    helps.set(command, out.trimEnd());
  }
}, 60_000);

test("docs/cli.md shows what --help prints (UPDATE_DOCS=1 writes it)", () => {
  const text = [...helps]
    .map(([command, help]) => `### ${`callwright ${command}`.trim()}\n\n\`\`\`text\n${help}\n\`\`\`\n`)
    .join("\n");
  const page = read("docs/cli.md");
  const [from, to] = [page.indexOf(marks[0]) + marks[0].length, page.indexOf(marks[1])];
  const made = `${page.slice(0, from)}\n\n${text}\n${page.slice(to)}`;
  if (process.env.UPDATE_DOCS) writeFileSync(join(root, "docs/cli.md"), made);
  else expect(page).toBe(made);
});

test("every command has examples, and no line of a help is wider than 82 characters", () => {
  for (const [command, help] of helps) {
    if (command !== "connect") expect(help, command).toContain("Examples:\n");
    expect(help.split("\n").filter((line) => line.length > 82)).toEqual([]);
  }
});

/** The commands in the shell blocks of a page, without comments. */
function shown(page: string): string[][] {
  const blocks = [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
  const lines = blocks.flatMap((block) => block.split("\n")).flatMap((line) => line.replace(/\s#.*/, "").split(/[|<]/));
  return lines.flatMap((line) =>
    (/\bcallwright\s+(\S.*)/.exec(line) ?? []).slice(1).map((rest) => rest.trim().split(/\s+/)),
  );
}

test.each(pages)("the commands that %s shows exist, with their options", (page) => {
  for (const words of shown(page)) {
    const command = commands.findLast((each) => each !== "" && words.join(" ").startsWith(each));
    const options =
      command === "run" ? [] : words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]!);
    expect(command, words.join(" ")).toBeDefined();
    expect(options.filter((option) => !helps.get(command!)!.includes(option))).toEqual([]);
  }
});
