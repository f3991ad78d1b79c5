const [form, question, ask, stop, answer, error, status] = [
  "form",
  "question",
  "ask",
  "stop",
  "answer",
  "error",
  "status",
].map((id) => document.getElementById(id));

let controller;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  controller = new AbortController();
  show({ busy: true, text: "", failure: "", state: "Asking …" });
  try {
    const response = await fetch("/ask", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question: question.value }),
      signal: controller.signal,
    });
    if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
    let ended = false;
    for await (const { event, data } of eventsOf(response)) {
      if (event === "done" || event === "error") ended = true;
      handlers[event]?.(data);
    }
    if (!ended) throw new Error("The answer broke off.");
  } catch (failure) {
    if (controller.signal.aborted) show({ state: "Stopped." });
    else show({ failure: failure.message, state: "Failed." });
  }
  show({ busy: false });
});

stop.addEventListener("click", () => controller?.abort());

const handlers = {
  // As text, never as HTML: nobody knows what a model says.
  delta: ({ text }) => answer.append(text),
  tool: ({ name }) => show({ state: `Asked for ${name} …` }),
  restart: () => show({ text: "" }),
  done: ({ usage, finishReason }) => {
    const tokens = usage ? `: ${usage.totalTokens} tokens` : "";
    show({ state: `Done${tokens}${finishReason === "length" ? ", cut off at the limit" : ""}.` });
  },
  error: ({ message }) => show({ failure: message, state: "Failed." }),
};

function show({ busy, text, failure, state }) {
  if (busy !== undefined) {
    ask.disabled = busy;
    stop.disabled = !busy;
    answer.setAttribute("aria-busy", String(busy));
  }
  if (text !== undefined) answer.textContent = text;
  if (failure !== undefined) {
    error.textContent = failure;
    error.hidden = failure === "";
  }
  if (state !== undefined) status.textContent = state;
}

/** Events are parted by an empty line; each has its name in one line and its JSON in one other. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (waiting + value).split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (event) yield { event, data: JSON.parse(data) };
    }
  }
}
