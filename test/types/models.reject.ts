// What stands around calls, and must not compile, each for the reason that stands over it.
import { completion, fallback, model, override, parallel, Session, timeout } from "callwright";

// @ts-expect-error a plain model name lacks its provider
model("gpt-4o-mini");

// @ts-expect-error a model of a call makes no stream by an option
model("openai/m", { stream: true });

// @ts-expect-error settings of one request do not say who is asked
model("openai/m").complete("Hi", { apiKey: "…" });

// @ts-expect-error nothing to run
override({ temperature: 0 });

// @ts-expect-error no such setting
override({ temprature: 0 }, () => 1);

// @ts-expect-error the next model lacks its provider
fallback("gpt-4o-mini");

// @ts-expect-error no such limit
timeout({ total: 30_000 });

// @ts-expect-error a session makes no typed values
new Session({ model: "openai/m" }).send("Hi", { responseModel: undefined as never as object });

// @ts-expect-error no such option
new Session({ model: "openai/m", temprature: 0 });

// @ts-expect-error a session needs a model
new Session({ system: "Be brief." });

// @ts-expect-error what is asked of the items is a promise
parallel([1, 2], (item) => item);

// @ts-expect-error settled outcomes are no values
(await parallel([1], async (item) => item, { settle: true })) satisfies number[];

// @ts-expect-error a completion needs its messages
completion({ model: "openai/m" });
