import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pem } from "./files/pem.js";

/** OpenSSL as the judge of what is written here. */
export interface OpenSsl {
  /** Standard output; throws what it says on standard error when it fails. */
  run(...args: readonly string[]): string;
  /** Writes a file into the test's folder and gives its path. */
  file(name: string, content: string | Uint8Array): string;
  certificates(name: string, ...ders: readonly Uint8Array[]): string;
  readonly folder: string;
}

export function openssl(t: TestContext): OpenSsl {
  const folder = mkdtempSync(join(tmpdir(), "sampan-certificates-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  return {
    folder,
    file,
    certificates: (name, ...ders) => file(name, ders.map((der) => pem("CERTIFICATE", der)).join("")),
    run(...args) {
      try {
        return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        throw new Error(`openssl ${args[0]}: ${stdout}${stderr}`);
      }
    },
  };
}
