import { join } from "node:path";
import type { GoPrograms } from "../runner/go-programs.js";

/** The name that grpc-go's test certificate carries. */
export const certifiedName = "foo.test.google.fr";

/** grpc-go's certificates, where Go has unpacked them. */
export function testData({ moduleFolder }: GoPrograms, name: string): string {
  return join(moduleFolder, "testdata", name);
}
