import { join } from "node:path";
import { connect, defineAgent, local } from "callwright/connect";
import { writeReport } from "../../src/connect/report/report.js";
import { createTranscript } from "../../src/connect/transcript.js";

/** What is said by those who would like the report to be their page. */
export const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</style></details><iframe src=https://evil.test></iframe>",
  "[click](javascript:alert(1)) ![beacon](https://evil.test/beacon.png)",
  '{"json":"</script><script>alert(2)</script>"}',
  "\" onmouseover=\"alert(3)' onfocus='alert(4)",
  "turned \u202E around, \u001b[31mred",
];

/** Writes a transcript and the report of it: whatever anybody says is hostile, but for two conversations. */
export async function writeHostileReport(folder: string): Promise<{ transcriptFile: string; reportFile: string }> {
  const [transcriptFile, reportFile] = [join(folder, "transcripts.jsonl"), join(folder, "report.html")];
  const scenarios = [
    ...hostile.map((text, index) => ({
      id: `${index} ${text}`,
      persona: { name: text },
      turns: [{ say: text, checks: [{ contains: text }] }],
      checks: [{ judge: text }],
    })),
    { id: "fine", turns: ["Hello."] },
    { id: "breaks", turns: ["Break."] },
  ];
  const transcript = await createTranscript(transcriptFile);
  const judge = (_: unknown, criterion: string) => ({ passed: false, reason: criterion });
  const backend = local({ scenarios, judge, onResult: (result) => transcript.write(result) });
  const agent = defineAgent({
    completion({ prompt }) {
      if (prompt === "Break.") throw new Error("<b>broken</b>");
      return { response: prompt };
    },
  });
  await connect(agent, { backend });
  await transcript.close();
  const { summary } = backend;
  await writeReport(reportFile, transcriptFile, { title: "Report <of> all", subtitle: "a & b", summary });
  return { transcriptFile, reportFile };
}
