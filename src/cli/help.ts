/** What stands under the options of each command. */
export const examples = {
  program: `
Examples:
  callwright run librarian.ts recommend --genre fantasy
  callwright serve librarian.ts
  callwright mock --text "Hello there."
  callwright connect init

Add --help to a command for its options.`,
  run: `
A flag is a parameter of the call by its name, or a member of its one argument.
What has no name is an argument by its place. Text becomes a number or a boolean
if the file declares the parameter as one. The value - is the standard input, a
flag that is given several times is a list, and what stands behind -- is always a
flag. --input and --args also take @file.

Examples:
  callwright run librarian.ts recommend --genre fantasy
  callwright run librarian.ts Librarian.recommend --input '{"genre": "fantasy"}'
  callwright run librarian.ts add 1 2
  callwright run librarian.ts summarize --text - < report.txt
  echo '{"text": "…"}' | callwright run extract.ts --input - --json`,
  serve: `
Every exported call is a model by its name, and so are exported models and
sessions. A call gets the messages of the conversation; one with a template finds
them in its variable {messages}, and the last question in {prompt}.
The value of a call with a responseModel is sent as JSON. Clients ask for Chat
Completions: with the AI SDK, openai.chat("recommend").

Examples:
  callwright serve librarian.ts
  CALLWRIGHT_API_KEY=… callwright serve librarian.ts --host 0.0.0.0`,
  mock: `
A script is a list of replies, in YAML or JSON:
  - Hello!
  - { status: 503 }
  - { text: Once upon a time, fault: { stall: { after: 2 } } }

Examples:
  callwright mock --text "Hello there."
  callwright mock --fault stall
  callwright mock --script replies.yaml`,
  init: `
Examples:
  callwright connect init --yes
  callwright connect init --template session --name support`,
  test: `
Examples:
  callwright connect test
  callwright connect test --agent ./agent.ts --model anthropic/claude-haiku-4-5
  callwright connect test --offline`,
  start: `
Examples:
  callwright connect start --scenarios scenarios.yaml
  callwright connect start --scenarios scenarios.yaml --judge openai/gpt-4o
  callwright connect start --app-id 1234`,
} as const;
