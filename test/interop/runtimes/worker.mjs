import { runSuite } from "./suite.mjs";

export default {
  async fetch(request) {
    const baseURL = new URL(request.url).searchParams.get("server");
    return Response.json(await runSuite({ baseURL, apiKey: "sk-suite" }));
  },
};
