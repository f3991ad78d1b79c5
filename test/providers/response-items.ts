// What the API sends: the reasoning in two pieces, then a call.
export const thought = {
  id: "rs_1",
  type: "reasoning",
  encrypted_content: "gAAAA",
  summary: [
    { type: "summary_text", text: "First." },
    { type: "summary_text", text: "Second." },
  ],
};
export const called = { id: "fc_1", type: "function_call", call_id: "call_1", name: "clock", arguments: "{}" };

/** A response with these items, as the API gives it. */
export function responseOf(output: readonly unknown[]) {
  return { id: "resp_1", object: "response", status: "completed", error: null, model: "gpt-5-mini", output };
}

/** The events that stream these items, each text in one delta. */
export function streamOf(output: readonly any[]): object[] {
  const response = responseOf(output);
  return [
    { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
    ...output.flatMap((item, output_index) => {
      const at = { output_index, item_id: item?.id };
      return [
        {
          type: "response.output_item.added",
          output_index,
          item: { ...item, arguments: "", encrypted_content: "early" },
        },
        ...deltasOf(item).map((event) => ({ ...at, ...event })),
        { type: "response.output_item.done", output_index, item },
      ];
    }),
    { type: "response.completed", response },
  ];
}

function deltasOf(item: any): object[] {
  switch (item?.type) {
    case "reasoning":
      return item.summary.map(({ text }: { text: string }, summary_index: number) => ({
        type: "response.reasoning_summary_text.delta",
        summary_index,
        delta: text,
      }));
    case "message":
      return item.content.map((part: any, content_index: number) => ({
        type: part.refusal ? "response.refusal.delta" : "response.output_text.delta",
        content_index,
        delta: part.refusal ?? part.text,
      }));
    case "function_call":
      return [{ type: "response.function_call_arguments.delta", delta: item.arguments }];
    default:
      return [];
  }
}
