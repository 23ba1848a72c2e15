/** `npm run errors`: writes docs/errors.md from the errors that the built packages and services register. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../bootstrap.mjs";
import { registeredErrors } from "./registered-errors.js";
import { errorsDoc, renderErrors } from "./render.js";

const errors = await registeredErrors(repositoryRoot);
if (process.argv.includes("--write")) {
  writeFileSync(join(repositoryRoot, errorsDoc), renderErrors(errors));
  console.log(`${errorsDoc}: ${errors.length} errors`);
} else {
  process.stdout.write(renderErrors(errors));
}
