// A page that shows a stream, served by plain node:http. With --live it asks OpenAI, and stays until Ctrl+C.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { model } from "callwright";
import { wireServer } from "callwright/testing";
import { pipe } from "callwright/web";

await using offline = await wireServer();
offline.reply({ text: ["Once ", "upon\n", "a time."], usage: { input: 9, output: 4 } });
const live = process.argv.includes("--live");
const librarian = model("openai/gpt-4o-mini", live ? {} : offline.openai);

const files = new Map([
  ["/", { name: "index.html", type: "text/html" }],
  ["/page.css", { name: "page.css", type: "text/css" }],
  ["/page.js", { name: "page.js", type: "text/javascript" }],
]);
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:";
const server = createServer(async (request, response) => {
  const { method, url = "", headers } = request;
  const file = method === "GET" && files.get(url);
  if (file) {
    response.writeHead(200, { "content-type": `${file.type}; charset=utf-8`, "content-security-policy": policy });
    return response.end(await readFile(new URL(`web-page/${file.name}`, import.meta.url)));
  }
  if (method !== "POST" || url !== "/ask") return response.writeHead(404).end();
  // Browsers say which page a request comes from: only this one may ask, and not at length.
  const isAllowed = headers["sec-fetch-site"] === "same-origin" && Number(headers["content-length"]) < 10_000;
  if (!isAllowed) return response.writeHead(403).end();
  const { question } = (await json(request).catch(() => ({}))) as { question?: unknown };
  return pipe(librarian.stream(String(question)), response, { onError: console.error });
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as { port: number };
console.log(`http://127.0.0.1:${port}`);
const asked = { method: "POST", headers: { "sec-fetch-site": "same-origin" }, body: '{"question":"A story?"}' };
if (!live) console.log(await (await fetch(`http://127.0.0.1:${port}/ask`, asked)).text());
if (!live) server.close();
