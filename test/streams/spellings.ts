/** The same events in other spellings of the standard. */
export const spellings: Record<string, (events: string) => string> = {
  "LF as line end": (events) => events,
  "CRLF as line end": (events) => events.replaceAll("\n", "\r\n"),
  "CR as line end": (events) => events.replaceAll("\n", "\r"),
  "line ends of all kinds": (events) => {
    const blanks = ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n", "\r\n\n", "\n\r", "\r\n\r"];
    let event = 0;
    return events.replaceAll(/\n\n|\n/g, (ends) => {
      const blank = blanks[event % blanks.length] as string;
      if (ends === "\n\n") event++;
      return ends === "\n" ? (["\r", "\r\n"][event % 2] as string) : blank;
    });
  },
  "a byte order mark at the start": (events) => `\ufeff${events}`,
  "no space after `data:`": (events) => events.replaceAll("data: ", "data:"),
  "comments between events and inside them": (events) =>
    `: hello\n\n${events.replaceAll("data: ", ": a comment\ndata: ").replaceAll("\n\n", "\n:\n\n: ping\n\n")}`,
  "ids, retry times and unknown fields": (events) =>
    events.replaceAll("data: ", "id: 1\nretry: 5\nsomething: else\nlonely\ndata: "),
  "JSON over several `data:` lines": (events) => events.replaceAll(/,"/g, ',\ndata: "'),
  "JSON over several `data:` lines, with CRLF": (events) =>
    events.replaceAll(/,"/g, ',\ndata: "').replaceAll("\n", "\r\n"),
  "several blank lines between events": (events) => events.replaceAll("\n\n", "\n\n\n\n"),
};
