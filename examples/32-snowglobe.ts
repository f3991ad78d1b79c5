// Tests from Snowglobe; here a small server plays its control plane. What is no answer never becomes one.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AgentReplyError, connect, defineAgent, snowglobe } from "callwright/connect";

const tests = ["t1", "t2"].map((id) => ({ id, prompt: `Hello from ${id}.`, conversation_id: id }));
const plane = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const path = (request.url ?? "").replace(/\?.*/, "");
  if (request.method === "PUT") console.log(path, JSON.parse(body).response);
  if (request.method === "PUT") tests.splice(0, 1);
  const lists = { "/api/experiments": [{ id: "e1" }], "/api/experiments/e1/tests": tests };
  response.end(JSON.stringify(lists[path as keyof typeof lists] ?? {}));
}).listen(0, "127.0.0.1");
await once(plane, "listening");

const agent = defineAgent({
  completion: ({ prompt, testId }) =>
    testId === "t2" ? ({ content: "Oh." } as never) : { response: prompt.toUpperCase() },
});
const stop = new AbortController();
let over = 0;
const outcome = await connect(agent, {
  backend: snowglobe({ appId: "app", apiKey: "key", url: `http://127.0.0.1:${(plane.address() as AddressInfo).port}` }),
  signal: stop.signal,
  onEvent(event) {
    if (event.type === "failed") console.log(event.request.testId, event.error instanceof AgentReplyError);
    if ((event.type === "failed" || event.type === "delivered") && ++over === 2) stop.abort();
  },
});
console.log(outcome);
plane.close();
