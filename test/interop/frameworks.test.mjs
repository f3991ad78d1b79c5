import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serve as serveHono } from "@hono/node-server";
import { call, model } from "callwright";
import { wireServer } from "callwright/testing";
import { handler, pipe, toNodeListener, toResponse } from "callwright/web";
import compression from "compression";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import OpenAI from "openai";
import { z } from "zod";
import { errorOf, listen, onceThenSilence } from "./serving.mjs";

const messages = [{ role: "user", content: "A book? \u{1f642}" }];
const momo = { title: "Momo", year: 1973 };

/** What every framework serves. */
function servedBy(wire) {
  const responseModel = z.object({ title: z.string(), year: z.number() });
  return {
    mini: model("openai/gpt-4o-mini", wire.openai),
    told: call("openai/gpt-4o-mini", { ...wire.openai, stream: true })((said) => said),
    extract: call("openai/gpt-4o-mini", { ...wire.openai, responseModel })((said) => said),
  };
}

async function onHono(app) {
  let port;
  const server = await new Promise((resolve) => {
    const started = serveHono({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (info) => {
      port = info.port;
      resolve(started);
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

async function onFastify(prepare) {
  const app = Fastify({ forceCloseConnections: true });
  prepare(app);
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  return { origin, close: () => app.close() };
}

function onExpress(prepare) {
  const app = express();
  prepare(app);
  return listen(app);
}

const later = (_request, _response, next) => void setTimeout(next, 30);

/** The ways to mount a handler; each serves it below /v1. */
const mounts = {
  "Express, without a parser": (served) => onExpress((app) => app.use(toNodeListener(handler(served)))),
  "Express behind json()": (served) =>
    onExpress((app) => {
      app.use(express.json());
      app.use(toNodeListener(handler(served)));
    }),
  "Express behind json() and middleware that takes its time": (served) =>
    onExpress((app) => {
      app.use(express.json(), later, later);
      app.use(toNodeListener(handler(served)));
    }),
  "Express behind compression and json()": (served) =>
    onExpress((app) => {
      app.use(compression({ threshold: 0 }), express.json());
      app.all("/v1/{*path}", toNodeListener(handler(served)));
    }),
  "Express behind text() and raw()": (served) =>
    onExpress((app) => {
      app.use(express.text({ type: "text/*" }), express.raw({ type: () => true }));
      app.use(toNodeListener(handler(served)));
    }),
  "Fastify, as a route handler": (served) => onFastify((app) => void app.all("/v1/*", toNodeListener(handler(served)))),
  "Fastify, with Node's own request beside the parsed body": (served) =>
    onFastify((app) => {
      const listener = toNodeListener(handler(served));
      app.all("/v1/*", (request, reply) => {
        reply.hijack();
        return listener(Object.assign(request.raw, { body: request.body }), reply.raw);
      });
    }),
  "Fastify, without its parser": (served) =>
    onFastify((app) => {
      const listener = toNodeListener(handler(served));
      app.removeAllContentTypeParsers();
      app.addContentTypeParser("*", (_request, _payload, done) => done(null));
      app.all("/v1/*", (request, reply) => {
        reply.hijack();
        return listener(request.raw, reply.raw);
      });
    }),
  Hono: (served) => {
    const handle = handler(served);
    return onHono(new Hono().all("/v1/*", (context) => handle(context.req.raw)));
  },
};

for (const [name, mount] of Object.entries(mounts))
  describe(name, () => {
    async function run(body) {
      const wire = await wireServer();
      const server = await mount(servedBy(wire));
      try {
        await body(new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: "any", maxRetries: 0 }), wire, server.origin);
      } finally {
        await server.close();
        await wire.close();
      }
    }

    test("serves text, values and errors", () =>
      run(async (openai, wire) => {
        wire.reply({ text: "Momo" });
        const { choices } = await openai.chat.completions.create({ model: "mini", messages });
        assert.equal(choices[0].message.content, "Momo");
        assert.deepEqual(wire.requests[0].body.messages, messages);
        wire.reply({ text: JSON.stringify(momo) });
        const value = await openai.chat.completions.create({ model: "extract", messages });
        assert.deepEqual(JSON.parse(value.choices[0].message.content), momo);
        assert.equal((await openai.models.list()).data.length, 3);
        const missing = await errorOf(openai.chat.completions.create({ model: "nobody", messages }));
        assert.equal(missing.status, 404);
      }));

    test("serves a stream piece by piece", () =>
      run(async (openai, wire) => {
        const steps = [];
        let goOn;
        wire.reply({
          text: (async function* () {
            for (const text of ["Mo", "mo", "."]) {
              yield text;
              await new Promise((resolve) => {
                goOn = resolve;
              });
            }
          })(),
        });
        const stream = await openai.chat.completions.create({ model: "told", messages, stream: true });
        for await (const { choices } of stream) {
          if (!choices[0]?.delta.content) continue;
          steps.push(choices[0].delta.content);
          // The next piece is not even said before this one was seen.
          goOn();
        }
        assert.deepEqual(steps, ["Mo", "mo", "."]);
      }));

    test("ends the work of a client that leaves", () =>
      run(async (openai, wire) => {
        wire.reply({ text: onceThenSilence() });
        const stream = await openai.chat.completions.create({ model: "told", messages, stream: true });
        for await (const { choices } of stream) if (choices[0]?.delta.content) break;
        stream.controller.abort();
        const asked = await wire.arrived();
        await asked.closed;
        assert.equal(asked.aborted, true);
      }));
  });

describe("a parser that leaves nothing to the handler", () => {
  test("is named at once, on Fastify and on Express", async () => {
    const told = [];
    const listener = toNodeListener(handler(servedBy({ openai: {} }), { onError: (error) => void told.push(error) }));
    const servers = [
      await onFastify((app) => {
        app.all("/v1/*", (request, reply) => {
          reply.hijack();
          return listener(request.raw, reply.raw);
        });
      }),
      await onExpress((app) => {
        app.use(express.json(), later, (request, response) => {
          request.body = undefined;
          return listener(request, response);
        });
      }),
    ];
    for (const { origin, close } of servers) {
      const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "any", maxRetries: 0, timeout: 5_000 });
      const error = await errorOf(openai.chat.completions.create({ model: "mini", messages }));
      assert.deepEqual([error.status, error.code], [500, "body_already_read"]);
      assert.match(error.message, /express\.json\(\)/);
      await close();
    }
    assert.equal(told.length, 2);
  });
});

describe("a stream for a page", () => {
  const story = (wire) => model("openai/gpt-4o-mini", wire.openai).stream("Tell a story.");
  for (const [name, mount] of Object.entries({
    "pipe on Express behind compression": (wire) =>
      onExpress((app) => {
        app.use(compression({ threshold: 0 }));
        app.get("/", (_request, response) => pipe(story(wire), response));
      }),
    "pipe on Fastify": (wire) =>
      onFastify((app) => {
        app.get("/", (_request, reply) => {
          reply.hijack();
          return pipe(story(wire), reply.raw);
        });
      }),
    "toResponse on Fastify": (wire) => onFastify((app) => void app.get("/", () => toResponse(story(wire)))),
    "toResponse on Hono": (wire) => onHono(new Hono().get("/", () => toResponse(story(wire)))),
  }))
    test(`${name} arrives piece by piece`, async () => {
      const wire = await wireServer();
      const server = await mount(wire);
      try {
        let goOn;
        wire.reply({
          text: (async function* () {
            yield "Once ";
            await new Promise((resolve) => {
              goOn = resolve;
            });
            yield "upon a time.";
          })(),
        });
        const response = await fetch(server.origin, { headers: { "accept-encoding": "gzip" } });
        assert.match(response.headers.get("cache-control"), /no-transform/);
        let text = "";
        for await (const data of response.body) {
          text += Buffer.from(data);
          if (text.includes("Once ")) goOn();
        }
        assert.match(text, /event: done/);
      } finally {
        await server.close();
        await wire.close();
      }
    });
});
