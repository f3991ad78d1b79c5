// Tools that must not compile, each for the reason that stands over it.
import { BaseTool, field, tool } from "callwright";
import { z } from "zod";
import { FormatBook, getWeather } from "./tools.accept.js";

export class Wrong {
  // @ts-expect-error the tool's argument is not the schema's
  @tool({ description: "d", input: z.object({ city: z.string() }) })
  async weather(args: { town: string }): Promise<string> {
    return args.town;
  }
}

export class WrongField extends BaseTool {
  // @ts-expect-error the field's type is not the schema's
  @field(z.string()) title!: number;
  override call(): string {
    return "";
  }
}

// @ts-expect-error a field may not hide a member
export abstract class Hidden extends BaseTool.of({ toolCall: z.string() }) {}

// @ts-expect-error a required field is missing
new FormatBook({ title: "a" });

// @ts-expect-error a field that the tool does not have
new FormatBook({ title: "a", author: "b", isbn: "c" });

// @ts-expect-error the argument of a function tool is the schema's
getWeather({ town: "Paris" });

// @ts-expect-error a tool without a description
tool({ name: "nameless" });

export class WithoutInput {
  // @ts-expect-error the method takes an argument, and the tool has no input
  @tool("The weather")
  async weather({ city }: { city: string }): Promise<string> {
    return city;
  }

  // @ts-expect-error the same with options
  @tool({ description: "The weather" })
  async forecast(city: string): Promise<string> {
    return city;
  }
}

// @ts-expect-error the function takes an argument, and the tool has no input
tool("The weather")(({ city }: { city: string }) => city);

// @ts-expect-error an argument of which no member is ever given
tool({ name: "weather", description: "The weather" })(({ city }: { city?: string }) => city);

// @ts-expect-error an argument that is no object
tool("The weather")((city: string) => city);

// @ts-expect-error a tool without input has no members to read
tool("The weather")((args) => args.city);

// @ts-expect-error a field may not hide a member of a tool
export abstract class HidesArgs extends BaseTool.of({ args: z.string() }) {}
