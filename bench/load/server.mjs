import { createServer } from "node:net";
import { eventsOf, tokens } from "../speed/load.mjs";

/*
 * Streams to thousands at once, in a process of its own. HTTP is written by hand and all bytes are made before, so that
 * it is not the server that is measured. What is sent comes as JSON: the number of tokens; the events of one TCP write;
 * and the milliseconds between two writes, which a path that begins with /at-once does without.
 */
const { tokens: count, eventsPerWrite, gapMs } = JSON.parse(process.argv[2]);
const answers = { openai: writesOf("openai"), anthropic: writesOf("anthropic") };
let open = 0;
let peak = 0;

const server = createServer({ noDelay: true }, (socket) => {
  peak = Math.max(peak, ++open);
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    received += text;
    const bodyAt = received.indexOf("\r\n\r\n") + 4;
    if (bodyAt < 4) return;
    const [, length = 0] = /content-length: (\d+)/i.exec(received) ?? [];
    if (received.length < bodyAt + Number(length)) return;
    const path = received.slice(0, received.indexOf("\r\n"));
    received = "";
    const writes = answers[path.includes("/chat/") ? "openai" : "anthropic"];
    send(socket, writes, path.includes("/at-once") ? 0 : gapMs);
  });
  socket.on("error", () => {});
  socket.on("close", () => open--);
});

function send(socket, writes, gap, at = 0) {
  if (socket.destroyed) return;
  socket.write(writes[at]);
  if (at + 1 === writes.length) return;
  if (gap > 0) setTimeout(send, gap, socket, writes, gap, at + 1);
  else setImmediate(send, socket, writes, gap, at + 1);
}

/** The headers leave with the first write, the terminator with the last. */
function writesOf(wire) {
  const events = eventsOf(wire, tokens(count));
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\nx-request-id: req_0123456789\r\nrequest-id: req_0123456789\r\n\r\n";
  // What opens a stream comes before its first token, and what ends it with the last.
  const opening = events.findIndex((event) => event.includes(tokens(1)[0]));
  const texts = [
    events.slice(0, opening).join(""),
    ...Array.from({ length: Math.ceil(count / eventsPerWrite) }, (_, index) =>
      events.slice(opening + index * eventsPerWrite, opening + Math.min((index + 1) * eventsPerWrite, count)).join(""),
    ),
  ];
  texts[texts.length - 1] += events.slice(opening + count).join("");
  return texts.map((text, index) => {
    const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    return Buffer.from(`${index === 0 ? head : ""}${chunk}${index === texts.length - 1 ? "0\r\n\r\n" : ""}`);
  });
}

process.on("message", () => process.send({ cpu: process.cpuUsage(), peak }));
process.on("disconnect", () => process.exit());
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const access = (path) => ({
    openai: { baseURL: `${origin}${path}/v1`, apiKey: "sk-load-openai" },
    anthropic: { baseURL: `${origin}${path}`, apiKey: "sk-ant-load" },
  });
  process.send({ paced: access(""), atOnce: access("/at-once") });
});
