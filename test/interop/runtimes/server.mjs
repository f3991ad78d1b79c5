import { wireServer } from "callwright/testing";

/** A provider for the suite, which answers by what it is asked. */
export async function suiteServer() {
  const server = await wireServer();
  server.reply(({ body }) => {
    const last = body.messages.at(-1);
    const asked = typeof last.content === "string" ? last.content : JSON.stringify(last.content);
    if (last.role === "tool") return { text: `The sum is ${last.content}.` };
    if (asked.includes("401")) return { status: 401 };
    if (asked.includes("silent")) return { text: ["Well", "never"], hangAfter: 2 };
    if (asked.includes("book")) return { text: JSON.stringify({ title: "Momo", year: 1973 }) };
    if (body.tools) return { toolCalls: [{ name: "add", args: { a: 2, b: 3 } }] };
    return { text: "Hello, Momo." };
  });
  return server;
}
