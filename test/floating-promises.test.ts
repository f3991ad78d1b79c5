import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript-6";
import { expect, test } from "vitest";

const src = new URL("../src/", import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .map((name) => {
    const text = readFileSync(new URL(name, src), "utf8");
    return { name, source: ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true) };
  });

/**
 * Promises that are begun and left to themselves, and why none of them rejects unheard. A rejection that nobody handles ends
 * the process, so a new one needs a handler, or a reason here: the file, the beginning of the code, and the reason.
 */
const leftAlone: Readonly<Record<string, string>> = {
  "cli/main.ts: runProgram(process.argv.slice(2), version, terminal).then(en":
    "The command line ends with an error message for whatever nobody handles (lifetime.ts).",
  "cli/mock.ts: void printRefusals(server, terminal)": "The command line handles what nobody handles (lifetime.ts).",
  "connect/connect.ts: void (waiting.shift() as () => Promise<void>)().catch(end).t":
    "The last two callbacks count and resolve, and start others in the same way.",
  "connect/connect.ts: void Promise.resolve(options.onEvent?.(event)).catch(end)":
    "Its callback keeps the error and aborts.",
  "connect/local.ts: void goOn(conversation)": "It hands every error to finish(), which keeps what is thrown.",
  "connect/turn.ts: result.then(resolve, reject).finally(unlink)": "Its last callback takes a listener back.",
  "parallel.ts: void start(step.value, index)": "It catches what the function throws, and then only counts.",
  "resilience/watch.ts: step.then(this.#see, this.#end)":
    "The first catches what a watcher throws; the second only counts.",
  "session/turn-queue.ts: before.then(() => { unlink(); resolve(end); })": "The turns before never reject, they end.",
  "testing/record/record.ts: Promise.all(reading).then(() => { clearTimeout(timer); resol":
    "Each of them has a handler, and the callback resolves.",
  "tool/run.ts: running.then(resolve, reject).finally(() => signal.removeEve":
    "Its last callback takes a listener back.",
  "transport/attempt.ts: pending.then( (value) => { settle(); resolve(value); }, (err":
    "Both callbacks settle a promise.",
  "transport/body.ts: drain().then(cancel, destroy)": "One callback clears a timer, the other destroys a body.",
  "web/node-response.ts: reader?.closed.catch(() => { failed = true; wake(); })": "The callback ends a wait.",
  "response.ts: results.catch(() => { if (this.#results === results) this.#r": "The callback forgets the promise.",
  "schema/json-schema.ts: made.then( (done) => known[io].set(schema, done), // A conve": "Both callbacks change a map.",
};

/** Promises that are begun before another wait and awaited behind it, and why they do not reject in between. */
const awaitedLate: Readonly<Record<string, string>> = {
  "call/conversation.ts: prices = loadPrices()": "It never rejects, it resolves to a warning.",
};

/** Promises that are kept in a variable or a member, and who handles them. */
const kept: Readonly<Record<string, string>> = {
  "connect/heartbeat.ts: beating ??= keepOn()":
    "Each beat has a handler; what the listener throws is caught in connect().",
  "session/turn-queue.ts: this.#last = before.then(() => over)": "A turn that ends resolves, and nothing rejects it.",
  "stream.ts: this.#last = this.#last.then(this.#stepInTurn, this.#stepInT":
    "The same promise is returned to who asked for it.",
  "stream.ts: this.#last = this.#step()": "The same promise is returned to who asked for it.",
  "testing/record/record.ts: writing = writing.then(save)":
    "What cannot be saved is caught there, and thrown by close().",
};

/** Functions that never reject, whatever happens in them. */
const neverReject = new Set(["closeQuietly", "#stop"]);

/** Methods of the platform that share their names with functions here, and return no promise. */
const ofThePlatform = new Set(["end", "join", "set", "test", "next", "on", "dispatch", "close", "pipe"]);

type FunctionLike = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression;

const isFunction = (node: ts.Node): node is FunctionLike =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isArrowFunction(node) ||
  ts.isFunctionExpression(node);

function isAsync(node: ts.Node): boolean {
  const { asteriskToken, type } = node as FunctionLike;
  const isMarked =
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  return (Boolean(isMarked) && !asteriskToken) || /^(Promise|PromiseLike)</.test(type?.getText() ?? "");
}

/** The names by which a file may call functions of its own and imported ones, and whether those return promises. */
function namesIn(source: ts.SourceFile): Map<string, boolean> {
  const names = functionNames([source]);
  const visit = (node: ts.Node): void => {
    if (ts.isImportSpecifier(node))
      names.set(node.name.text, allNames.get((node.propertyName ?? node.name).getText()) ?? false);
    // What a variable or a parameter holds hides what an import or a method is named.
    const holds = ts.isVariableDeclaration(node) || ts.isParameter(node);
    if (holds && ts.isIdentifier(node.name) && !(node.initializer && isFunction(node.initializer)))
      names.delete(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** The names of functions and methods, and whether all that have the name in these files return promises. */
function functionNames(nodes: readonly ts.Node[]): Map<string, boolean> {
  const names = new Map<string, boolean>();
  const note = (name: ts.Node | undefined, holds: boolean) => {
    if (name) names.set(name.getText(), holds && names.get(name.getText()) !== false);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) note(node.name, isAsync(node));
    else if (ts.isMethodSignature(node)) note(node.name, /^(Promise|PromiseLike)</.test(node.type?.getText() ?? ""));
    else if (ts.isVariableDeclaration(node) && node.initializer && isFunction(node.initializer))
      note(node.name, isAsync(node.initializer));
    ts.forEachChild(node, visit);
  };
  for (const node of nodes) visit(node);
  return names;
}

const allNames = functionNames(files.map(({ source }) => source));
const chained = new Set(["then", "catch", "finally"]);

function withoutParentheses(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? withoutParentheses(node.expression) : node;
}

/** Whether an expression is a promise, as far as names tell. */
function isPromise(given: ts.Expression, own: ReadonlyMap<string, boolean>): boolean {
  const node = withoutParentheses(given);
  if (ts.isVoidExpression(node)) return isPromise(node.expression, own);
  if (ts.isConditionalExpression(node)) return isPromise(node.whenTrue, own) || isPromise(node.whenFalse, own);
  if (ts.isBinaryExpression(node)) return isPromise(node.right, own);
  if (ts.isNewExpression(node)) return node.expression.getText() === "Promise" && mayReject(node.arguments?.[0]);
  if (!ts.isCallExpression(node) || node.getText() === "Promise.resolve()") return false;
  const called = withoutParentheses(node.expression);
  if (isFunction(called)) return isAsync(called);
  if (called.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (/^Promise\.\w+$/.test(called.getText())) return true;
  if (ts.isIdentifier(called)) return own.get(called.text) ?? false;
  if (!ts.isPropertyAccessExpression(called)) return /Promise</.test(called.getText());
  if (ofThePlatform.has(called.name.text) && called.expression.kind !== ts.SyntaxKind.ThisKeyword) return false;
  return (
    chained.has(called.name.text) || (own.get(called.name.getText()) ?? allNames.get(called.name.getText()) ?? false)
  );
}

/** Whether what runs a new promise takes the means to reject it. */
function mayReject(executor: ts.Expression | undefined): boolean {
  return !executor || !isFunction(executor) || executor.parameters.length > 1;
}

/** Whether a callback cannot fail: it is left out, does nothing, settles a promise or deletes an entry. */
function isHarmless(callback: ts.Expression | undefined): boolean {
  if (callback === undefined || /^(undefined|resolve|reject)$/.test(callback.getText())) return true;
  if (!ts.isArrowFunction(callback)) return false;
  if (ts.isBlock(callback.body)) return callback.body.statements.length === 0;
  return /^\w+\.delete\(\w+\)$/.test(callback.body.getText());
}

/** Whether the end of a chain handles every rejection, and cannot reject itself. */
function endsHandled(given: ts.Expression): boolean {
  const node = ts.isVoidExpression(given) ? given.expression : given;
  if (ts.isCallExpression(node) && neverReject.has(/[#\w]+$/.exec(node.expression.getText())?.[0] ?? "")) return true;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [first, second] = node.arguments;
  if (node.expression.name.text === "catch") return first !== undefined && isHarmless(first);
  return node.expression.name.text === "then" && second !== undefined && isHarmless(first) && isHarmless(second);
}

const entryOf = (file: string, node: ts.Node) => `${file}: ${node.getText().replace(/\s+/g, " ").slice(0, 60)}`;

type Visitor = (node: ts.Node, file: string, own: ReadonlyMap<string, boolean>) => string | undefined;

const parsed = files.map((file) => ({ ...file, own: namesIn(file.source) }));

function walk(visitor: Visitor, sources: readonly (typeof parsed)[number][] = parsed): string[] {
  return sources.flatMap(({ name, source, own }) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const entry = visitor(node, name, own);
      if (entry !== undefined) found.push(entry);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

const once = (entries: readonly string[]) => [...new Set(entries)].sort();

const isAssignment = (node: ts.Expression): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && /^(\?\?|\|\|)?=$/.test(node.operatorToken.getText());

const leftToItself: Visitor = (node, file, own) => {
  if (!ts.isExpressionStatement(node) || isAssignment(node.expression)) return undefined;
  const { expression } = node;
  return isPromise(expression, own) && !endsHandled(expression) ? entryOf(file, expression) : undefined;
};

const awaitedBehindAnother: Visitor = (node, file, own) => {
  if (!ts.isVariableDeclaration(node) || !node.initializer || !isPromise(node.initializer, own)) return undefined;
  return isUsedBehindWait(node) ? entryOf(file, node) : undefined;
};

const keptWithoutUse: Visitor = (node, file, own) => {
  if (!ts.isExpressionStatement(node) || !isAssignment(node.expression)) return undefined;
  const { left, right } = node.expression;
  if (!isPromise(right, own) || endsHandled(right) || isUsedNext(node, left.getText())) return undefined;
  return entryOf(file, node.expression);
};

test("a promise that is left to itself has a handler, or a reason why it never rejects", () => {
  expect(once(walk(leftToItself))).toEqual(once(Object.keys(leftAlone)));
});

test("a promise that is begun before another wait cannot reject before it is awaited", () => {
  expect(once(walk(awaitedBehindAnother))).toEqual(once(Object.keys(awaitedLate)));
});

test("a promise that is kept is returned, awaited or handled where it is kept, or has a reason", () => {
  expect(once(walk(keptWithoutUse))).toEqual(once(Object.keys(kept)));
});

test("each reason is a sentence", () => {
  for (const reason of Object.values({ ...leftAlone, ...awaitedLate, ...kept }))
    expect(reason).toMatch(/^[A-Z].{20,}\.$/);
});

test.each<readonly [Visitor, string, boolean]>([
  [leftToItself, "async function load() {} load();", true],
  [leftToItself, "async function load() {} void load();", true],
  [leftToItself, "async function load() {} load().catch(() => {});", false],
  [leftToItself, "async function load() {} async function f() { await load(); }", false],
  [leftToItself, "step.then(see);", true],
  [leftToItself, "step.then(see, fail);", true],
  [leftToItself, "step.then(see).catch(() => {});", false],
  [leftToItself, "step.catch((error) => told(error));", true],
  [leftToItself, "wanted.then(resolve, reject);", false],
  [leftToItself, "(async () => store.set())();", true],
  [awaitedBehindAnother, "async function load() {} async function f() { const p = load(); await g(); await p; }", true],
  [awaitedBehindAnother, "async function load() {} async function f() { const p = load(); await p; }", false],
  [keptWithoutUse, "async function load() {} let p; function f() { p ??= load(); }", true],
  [keptWithoutUse, "async function load() {} let p; function f() { p ??= load(); return p; }", false],
])("the search tells what is dangerous from what is not (%#)", (visitor, code, isFound) => {
  const source = ts.createSourceFile("x.ts", code, ts.ScriptTarget.ES2022, true);
  expect(walk(visitor, [{ name: "x.ts", source, own: namesIn(source) }])).toHaveLength(Number(isFound));
});

/** Whether something is waited for between the declaration of a variable and its first use. */
function isUsedBehindWait(declaration: ts.VariableDeclaration): boolean {
  const name = declaration.name.getText();
  let scope: ts.Node = declaration;
  while (!isFunction(scope) && scope.parent) scope = scope.parent;
  let hasWaited = false;
  let result: boolean | undefined;
  const visit = (node: ts.Node): void => {
    if (result !== undefined || (isFunction(node) && node !== scope && node.end < declaration.end)) return;
    if (node.pos >= declaration.end && ts.isIdentifier(node) && node.text === name) result = hasWaited;
    ts.forEachChild(node, visit);
    const waits =
      ts.isAwaitExpression(node) || ts.isYieldExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier);
    if (waits && node.pos >= declaration.end) hasWaited = true;
  };
  visit(scope);
  return result ?? false;
}

/** Whether one of the next statements returns, awaits or handles what was assigned. */
function isUsedNext(statement: ts.ExpressionStatement, target: string): boolean {
  const siblings = (statement.parent as ts.Block).statements ?? [];
  const next = siblings.slice(siblings.indexOf(statement) + 1, siblings.indexOf(statement) + 3);
  const uses = [`return ${target}`, `await ${target}`, `${target}.catch`, `await Promise.race([${target}`];
  return next.some((each) => uses.some((use) => each.getText().includes(use)));
}
