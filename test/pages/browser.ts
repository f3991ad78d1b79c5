import { existsSync } from "node:fs";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A Chromium that is installed on this machine; `CHROMIUM` names another. */
export function browserPath(): string {
  const path = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (path) return path;
  throw new Error("This test looks at a page. Install Chromium, or say where it is: CHROMIUM=/path/to/chromium.");
}

/** Without a screen, and without the connections that a browser opens by itself. */
export const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
];
