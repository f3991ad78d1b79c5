// Imports the compiled blocks of one page, one after the other, as the parent names them.
import { pathToFileURL } from "node:url";

process.on("message", async (file) => {
  try {
    await import(pathToFileURL(file).href);
    process.send({});
  } catch (error) {
    process.send({ error: `threw ${error?.stack ?? error}` });
  }
});
