// Scenarios from a file, and a judge who is a model.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model } from "callwright";
import { connect, defineAgent, judgeBy, loadScenarios, local, ScenarioError } from "callwright/connect";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: '{"reason":"It does not greet back.","passed":false}' });
const judge = judgeBy(model("openai/gpt-4o", server.openai));

const folder = await mkdtemp(join(tmpdir(), "scenarios-"));
const file = join(folder, "greeting.yaml");
await writeFile(file, "scenarios:\n  - id: greeting\n    turns: [Hello!]\n    checks: [{ judge: It greets back. }]\n");

const backend = local({
  scenarios: await loadScenarios(file),
  judge,
  onResult: ({ id, outcome, checks }) => console.log(id, outcome, checks[0]?.reason),
});
await connect(
  defineAgent(() => "What do you want?"),
  { backend },
);

// A mistake is named with its place.
await writeFile(file, "scenarios:\n  - id: greeting\n    turn: [Hello!]\n");
await loadScenarios(file).catch((error) => {
  if (error instanceof ScenarioError) console.log(`line ${error.line}: ${error.field}`);
});
await rm(folder, { recursive: true });
