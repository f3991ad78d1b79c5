import { BaseTool, call, field, promptTemplate, tool } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";

// The compiler refuses most of these; whoever does not listen to it is told at definition.
const decorators: Record<string, any> = {
  "@call": call("openai/gpt-4o-mini"),
  "@promptTemplate": promptTemplate("Hi"),
  "@tool": tool("Does something"),
};

/** The definition fails with an error that names the decorator and the member. */
function refuses(label: string, member: string, define: () => unknown): void {
  let error: unknown;
  try {
    define();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(member) });
  expect((error as Error).message).toContain(label);
}

describe.each(Object.entries(decorators))("%s", (label, decorator) => {
  test("on a getter is an error that names it", () => {
    refuses(label, "genre", () => {
      class Librarian {
        @decorator
        get genre(): string {
          return "fantasy";
        }
      }
      return Librarian;
    });
  });

  test("on a setter is an error that names it", () => {
    refuses(label, "genre", () => {
      class Librarian {
        @decorator
        set genre(_: string) {}
      }
      return Librarian;
    });
  });

  test("on an accessor is an error that names it", () => {
    refuses(label, "genre", () => {
      class Librarian {
        @decorator
        accessor genre = "fantasy";
      }
      return Librarian;
    });
  });

  test("on a field that holds a function is an error that names it", () => {
    refuses(label, "recommend", () => {
      class Librarian {
        @decorator
        recommend = async () => "Hi";
      }
      return Librarian;
    });
  });

  test("on an async generator is an error that names it", () => {
    refuses(label, "recommend", () => {
      class Librarian {
        @decorator
        async *recommend() {
          yield "Hi";
        }
      }
      return Librarian;
    });
  });

  test("on a static async generator is an error that names it", () => {
    refuses(label, "recommend", () => {
      class Librarian {
        genre = "fantasy";

        @decorator
        static async *recommend() {
          yield "Hi";
        }
      }
      return Librarian;
    });
  });

  test("on a class that is none of ours is an error that names it", () => {
    refuses(label, "Librarian", () => {
      @decorator
      class Librarian {}
      return Librarian;
    });
  });

  test("twice on a method is an error that names it", () => {
    refuses("", "recommend", () => {
      class Librarian {
        @decorator
        @decorator
        async recommend() {
          return "Hi";
        }
      }
      return Librarian;
    });
  });

  test("twice on a static method is an error that names it", () => {
    refuses("", "recommend", () => {
      class Librarian {
        genre = "fantasy";

        @decorator
        @decorator
        static async recommend() {
          return "Hi";
        }
      }
      return Librarian;
    });
  });
});

test("@call on a tool class is an error that names it", () => {
  const decorator = decorators["@call"];
  refuses("@call", "Search", () => {
    @decorator
    class Search extends BaseTool {
      override call() {}
    }
    return Search;
  });
});

test("@tool twice on a class is an error that names it", () => {
  refuses("", "Search", () => {
    @tool("Finds")
    @tool("Searches")
    class Search extends BaseTool {
      override call() {}
    }
    return Search;
  });
});

test("@field on a method is an error that names it", () => {
  const decorator: any = field(z.string());
  refuses("@field", "title", () => {
    class Book extends BaseTool {
      @decorator
      title() {}
      override call() {}
    }
    return Book;
  });
});
