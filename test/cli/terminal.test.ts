import { expect, test } from "vitest";
import { terminalOf } from "../../src/cli/terminal.js";

/** A process whose outputs are terminals, or are not, and all that was written to it. */
function watched(env: Record<string, string> = {}, isTTY = true) {
  const written = { out: "", err: "" };
  const streamTo = (name: "out" | "err") => ({
    isTTY,
    columns: 20,
    write(text: string) {
      written[name] += text;
    },
  });
  const stdin = (async function* () {})();
  const terminal = terminalOf({ stdout: streamTo("out"), stderr: streamTo("err"), stdin, env, cwd: () => "/" });
  return { terminal, written };
}

const evil = "\u001b]0;title\u0007 \u009b2J \u202Eabc \u007f";

test("what would steer a terminal is shown there, and left alone in a pipe", () => {
  const there = watched();
  there.terminal.write(`${evil} line\r\nline\tend\n`);
  expect(there.written.out).toBe("\\u001b]0;title\\u0007 \\u009b2J \\u202eabc \\u007f line\nline\tend\n");
  const piped = watched({}, false);
  piped.terminal.write(evil);
  expect(piped.written.out).toBe(evil);
});

test("lines about it never steer anything, whoever reads them", () => {
  for (const isTTY of [true, false]) {
    const { terminal, written } = watched({ NO_COLOR: "1" }, isTTY);
    terminal.out(evil);
    terminal.err(evil, "red");
    expect(`${written.out}${written.err}`).not.toMatch(/[\u001b\u0007\u009b\u202e\u007f]/);
  }
});

test("secrets of the environment do not stand in lines about it", () => {
  const { terminal, written } = watched({ OPENAI_API_KEY: "key-of-mine-7", DB_PASSWORD: "p4ssw0rd", HOME: "/home/me" });
  for (const line of ["It is key-of-mine-7 and p4ssw0rd.", "In /home/me."]) terminal.err(line, "dim");
  terminal.out("key-of-mine-7");
  expect(`${written.err}${written.out}`).toBe(
    "\u001b[2mIt is *** and ***.\u001b[22m\n\u001b[2mIn /home/me.\u001b[22m\n***\n",
  );
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ TERM: "dumb" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, false, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
] as const)("with %j and a terminal: %s, there are colours: %s", (env, isTTY, colours) => {
  const { terminal, written } = watched(env, isTTY);
  terminal.err("No.", "red");
  expect(written.err).toBe(colours ? "\u001b[31mNo.\u001b[39m\n" : "No.\n");
});

test("a status fits its line and makes way for the next one; a pipe has none", () => {
  const { terminal, written } = watched();
  terminal.status?.("A status that is too long for the line.");
  terminal.err("Done.");
  expect(written.err).toBe("A status that is to\r\u001b[KDone.\n");
  expect(watched({}, false).terminal.status).toBeUndefined();
});
