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
