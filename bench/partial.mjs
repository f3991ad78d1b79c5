import { z } from "zod";
import { call, prompt } from "../dist/index.js";
import { script } from "../dist/testing/index.js";
import { median, printTable, spread } from "./speed/figures.mjs";

/*
 * What partial objects cost as their JSON grows: node bench/partial.mjs, after a build. A parser that reads all again
 * with each chunk takes four times as long for twice the text; this one must take about twice. Exits with 1 above 3.
 */
const chunksAMegabyte = 20_000;
const runs = 7;
const sizes = [0.25, 0.5, 1];

const Book = z.object({ books: z.array(z.object({ title: z.string(), year: z.number(), tags: z.array(z.string()) })) });

function eventsOf(megabytes) {
  const books = [];
  for (let size = 0; size < megabytes * 1e6; size += JSON.stringify(books.at(-1)).length + 1) {
    books.push({
      title: `Book ${books.length} "quoted" \u{1F4D6}`,
      year: 1900 + (books.length % 120),
      tags: ["a", "bb", "ccc"],
    });
  }
  const json = JSON.stringify({ books });
  const step = Math.ceil(1e6 / chunksAMegabyte);
  const events = [];
  for (let at = 0; at < json.length; at += step) events.push({ type: "text-delta", text: json.slice(at, at + step) });
  return { events: [...events, { type: "finish", reason: "stop" }], chunks: events.length, characters: json.length };
}

async function cpuOf(events) {
  const read = call(script([events]), { responseModel: Book, stream: true })(() => prompt`Books, please.`);
  const before = process.cpuUsage();
  let partials = 0;
  for await (const _ of await read()) partials++;
  const { user, system } = process.cpuUsage(before);
  if (partials < events.length - 1) throw new Error(`${partials} partial objects of ${events.length - 1} chunks.`);
  return (user + system) / 1000;
}

const rows = [];
let previous;
for (const megabytes of sizes) {
  const { events, chunks, characters } = eventsOf(megabytes);
  const figures = [];
  for (let run = -2; run < runs; run++) {
    const ms = await cpuOf(events);
    if (run >= 0) figures.push(ms);
  }
  const ratio = previous === undefined ? undefined : median(figures) / previous;
  if (ratio > 3) process.exitCode = 1;
  previous = median(figures);
  rows.push([
    `${(characters / 1e6).toFixed(2)} MB`,
    String(chunks),
    spread(figures),
    ((previous * 1000) / chunks).toFixed(2),
    ratio ? `${ratio.toFixed(2)} ×` : "",
  ]);
}

console.log(
  `Node ${process.versions.node}. Whole path through a decorated call with a responseModel, from a scripted model; median (least–most) of ${runs} runs after 2 of warm-up.\n`,
);
printTable(["JSON", "chunks", "CPU, ms", "µs a chunk", "to half the size"], rows);
