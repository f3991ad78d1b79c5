import { CallwrightError } from "../errors.js";

/** The command line asks for something that cannot be; the command ends with the code 2. */
export class CliError extends CallwrightError {
  override readonly code = "cli";
}
