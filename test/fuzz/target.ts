import type { Random } from "./random.js";

/** One thing that reads data from outside, fed with inputs that nobody would write. */
export interface Target<Input = any> {
  readonly name: string;
  /** What stands here instead of 1 is how many inputs it gets for one of another target. */
  readonly weight?: number;
  /** What has to be there before the first input. */
  open?(): Promise<void>;
  /** An input, which is JSON. */
  make(random: Random): Input;
  /**
   * Feeds the input in. Returns how it ended in a word, such as the code of an error, for the counts.
   *
   * @throws What was found, if the end is neither a right answer nor a typed error.
   */
  run(input: Input): Promise<string>;
  close?(): Promise<void>;
}
