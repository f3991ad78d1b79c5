import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type WireServer, wireServer } from "callwright/testing";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { browserPath, flags } from "./browser.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let provider: WireServer;
let example: ChildProcess;
let address: string;
let profile: string;
let browser: BrowserContext;
let page: Page;
/** Addresses that the page asked for, and what it complained about. */
let asked: string[];
let complaints: string[];

beforeAll(async () => {
  provider = await wireServer();
  const { baseURL, apiKey } = provider.openai;
  example = spawn(process.execPath, ["--import", "tsx", "examples/27-web-page.ts", "--live"], {
    cwd: root,
    env: { PATH: process.env.PATH, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey },
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface(example.stdout as NodeJS.ReadableStream)) {
    address = line;
    break;
  }
  profile = mkdtempSync(join(tmpdir(), "page-"));
  browser = await chromium.launchPersistentContext(profile, { executablePath: browserPath(), args: flags });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  example?.kill();
  await provider?.close();
  rmSync(profile, { recursive: true, force: true });
});

beforeEach(async () => {
  [asked, complaints] = [[], []];
  page = await browser.newPage();
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(address);
});
afterEach(() => page.close());

const answer = () => page.locator("#answer");
const ask = () => page.getByRole("button", { name: "Ask" }).click();
const settled = (text: string) =>
  page.waitForFunction((state) => document.getElementById("status")?.textContent?.startsWith(state), text);

describe("the page that shows a stream", { timeout: 30_000 }, () => {
  test("shows the answer as it comes, and what it took at the end", async () => {
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* pieces() {
      yield "Once ";
      await waiting;
      yield "upon\r\na time.";
    }
    provider.reply({ text: pieces(), usage: { input: 9, output: 4 } });
    await page.getByLabel("Your question").fill("Tell a story.");
    await ask();
    await page.waitForFunction(() => document.getElementById("answer")?.textContent === "Once ");
    expect(await answer().getAttribute("aria-busy")).toBe("true");
    expect(await page.getByRole("button", { name: "Ask" }).isDisabled()).toBe(true);
    goOn();
    await settled("Done: 13 tokens");
    expect(await answer().textContent()).toBe("Once upon\r\na time.");
    expect(await answer().getAttribute("aria-busy")).toBe("false");
    expect(provider.requests.at(-1)?.body.messages).toEqual([{ role: "user", content: "Tell a story." }]);
    expect(complaints).toEqual([]);
  });

  test("shows what a model says as text, runs none of it and loads nothing that it names", async () => {
    const hostile = [
      "<script>document.title = 'taken'</script>",
      "<img src=x onerror=\"document.title='taken'\">",
      "![beacon](https://evil.example/a.png) [link](javascript:document.title='taken')",
      "</script><iframe src=https://evil.example></iframe>",
    ].join("\n");
    provider.reply({ text: [hostile] });
    await ask();
    await settled("Done");
    expect(await answer().textContent()).toBe(hostile);
    expect(await answer().locator("*").count()).toBe(0);
    expect(await page.title()).toBe("Ask the librarian");
    expect(asked.filter((url) => !url.startsWith(address) && !url.startsWith("data:"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("runs no script but its own, by its policy", async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'taken'";
      document.body.append(script);
      return document.title;
    });
    expect(ran).toBe("Ask the librarian");
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });

  test("stops by its button, which closes the connection to the provider", async () => {
    async function* onceThenSilence() {
      yield "Once ";
      await new Promise(() => {});
    }
    provider.reply({ text: onceThenSilence() });
    await ask();
    await page.waitForFunction(() => document.getElementById("answer")?.textContent === "Once ");
    await page.getByRole("button", { name: "Stop" }).click();
    await settled("Stopped.");
    const request = provider.requests.at(-1);
    await request?.closed;
    expect(request?.aborted).toBe(true);
    expect(await answer().textContent()).toBe("Once ");
    expect(await page.getByRole("alert").isHidden()).toBe(true);
  });

  test("says what a stranger may know where the provider fails", async () => {
    provider.reply({ status: 401, text: "No such key" });
    await ask();
    await settled("Failed.");
    expect(await page.getByRole("alert").textContent()).toBe("The provider refused this server's own key.");
    provider.reply({ text: "Hello." });
    await ask();
    await settled("Done");
    expect(await page.getByRole("alert").isHidden()).toBe(true);
  });

  test("answers no page of another origin", async () => {
    const stranger = await browser.newPage();
    await stranger.goto(address.replace("127.0.0.1", "localhost"));
    const before = provider.requests.length;
    await stranger
      .evaluate((url) => fetch(`${url}/ask`, { method: "POST", mode: "no-cors", body: "{}" }), address)
      .catch(() => {});
    await stranger.close();
    expect((await fetch(`${address}/ask`, { method: "POST", body: "{}" })).status).toBe(403);
    expect(provider.requests).toHaveLength(before);
  });

  test.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)("fits %i pixels, %s, with enough contrast", async (width, colorScheme) => {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme });
    provider.reply({
      text: [`Momo, by Michael Ende.\n\n${"It is about a girl who can listen. ".repeat(8)}\n${"x".repeat(200)}`],
    });
    await ask();
    await settled("Done");
    const { scrollWidth, clientWidth, contrasts } = await page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      const luminance = (color: string) => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
          value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
        );
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const behind = (element: Element | null): string => {
        const color = element ? getComputedStyle(element).backgroundColor : "white";
        return color === "rgba(0, 0, 0, 0)" ? behind(element?.parentElement ?? null) : color;
      };
      const shown = [...document.querySelectorAll("h1, h2, label, textarea, #ask, #answer, #status")];
      return {
        scrollWidth: document.documentElement.scrollWidth,
        clientWidth: document.documentElement.clientWidth,
        contrasts: shown.map((element) => {
          const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
          return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        }),
      };
    });
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/page-${width}-${colorScheme}.png`, fullPage: true });
  });
});
