import { inspect } from "node:util";
import { type CallResponse, type CallStream, NotCalledError, prompt } from "callwright";
import { describe, expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";

/** A body that looks like a call to the compiler, and was never decorated. */
const forgotten = async (): Promise<CallResponse> => prompt`Recommend a book`;
const forgottenStream = async (): Promise<CallStream> => prompt`Recommend a book`;

describe("a body that was never decorated", () => {
  test.each([
    "content",
    "tool",
    "tools",
    "toolCalls",
    "toolErrors",
    "message",
    "usage",
    "cost",
    "finishReason",
    "id",
    "model",
    "provider",
    "requestId",
    "warnings",
    "raw",
    "reasoning",
    "refusal",
    "runTools",
  ] as const)("gives a prompt whose %s throws an error that names the fix", async (member) => {
    const response = await forgotten();
    const error = await errorOf(() => response[member]);
    expect(error).toBeInstanceOf(NotCalledError);
    expect(error.code).toBe("not_called");
    expect(error.message).toContain(member);
    expect(error.message).toContain('@call("provider/model")');
    expect(error.message).toContain('call("provider/model")(fn)');
  });

  test("cannot be iterated as a stream, nor asked for its response", async () => {
    const stream = await forgottenStream();
    const iterate = async () => {
      for await (const _ of stream);
    };
    expect(await errorOf(iterate)).toBeInstanceOf(NotCalledError);
    expect(await errorOf(() => stream.response())).toBeInstanceOf(NotCalledError);
    expect(await errorOf(() => stream.textStream())).toBeInstanceOf(NotCalledError);
    expect(await errorOf(() => stream.abort())).toBeInstanceOf(NotCalledError);
  });
});

test("a prompt can still be awaited, printed, logged and compared", async () => {
  const made = await prompt`Hi ${"there"}`;
  expect(`${made}`).toBe("Hi there");
  expect(JSON.stringify(made)).toBe('{"messages":[{"role":"user","content":"Hi there"}]}');
  expect(inspect(made)).toContain("Prompt");
  expect({ ...made }).toEqual({});
  expect(made).toEqual(made);
});
