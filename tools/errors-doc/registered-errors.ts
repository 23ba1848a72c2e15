import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isTestCode, sourceFiles } from "../gates/source-tree.js";

/** An error as its package registers it; see `defineErrors` in packages/core. */
export interface DocumentedError {
  readonly domain: string;
  readonly reason: string;
  /** The name of its code, such as `NotFound`. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly fix: string;
}

interface Core {
  registeredErrors(): readonly (Omit<DocumentedError, "code" | "status"> & { code: number })[];
  codeName(code: number): string;
}

interface HttpStatus {
  readonly httpStatus: Readonly<Record<number, number>>;
}

interface EdgeErrors {
  /** The status of an error that does not follow its code. */
  ownStatus(error: { readonly info: { readonly domain: string; readonly reason: string } }): number | undefined;
}

/**
 * Every error that the packages and services of a tree register, ordered by domain and reason. Found by importing the
 * compiled modules that call `defineErrors`, so the tree must be built; rejects and names the module that is not.
 */
export async function registeredErrors(root: string): Promise<DocumentedError[]> {
  for (const file of modulesWithErrors(root)) await load(root, file);
  const core = (await load(root, "packages/core/src/index.ts")) as Core;
  const { httpStatus } = (await load(root, "packages/gateway/src/response/http-status.ts")) as HttpStatus;
  const { ownStatus } = (await load(root, "packages/gateway/src/errors.ts")) as EdgeErrors;
  return core.registeredErrors().map(({ code, ...error }) => ({
    ...error,
    code: core.codeName(code),
    status: ownStatus({ info: error }) ?? httpStatus[code] ?? 500,
  }));
}

/** Test kits register errors to test with, which no caller ever sees. */
function modulesWithErrors(root: string): string[] {
  return sourceFiles(root).filter(
    (file) =>
      /^(packages|services)\/[^/]+\/src\/.*\.ts$/.test(file) &&
      !file.startsWith("packages/testkit/") &&
      !isTestCode(file) &&
      /\bdefineErrors\(\s*"/.test(readFileSync(join(root, file), "utf8").replaceAll(/^\s*\*.*$/gm, "")),
  );
}

async function load(root: string, source: string): Promise<unknown> {
  const compiled = join(root, source.replace("/src/", "/dist/").replace(/\.ts$/, ".js"));
  try {
    return await import(pathToFileURL(compiled).href);
  } catch (cause) {
    throw new Error(`${source} cannot be loaded; is it built? (npm run build)`, { cause });
  }
}
