import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DescService } from "@bufbuild/protobuf";
import { type Method, methods } from "@sampan/core";

/** Every method of the platform's contracts, such as `order.v1.OrderService/CreateOrder`; found, so that none is missed. */
export const everyMethod: ReadonlyMap<string, Method> = new Map(
  (await descriptors()).flatMap(methods).map((method) => [method.path.slice(1), method]),
);

async function descriptors(): Promise<DescService[]> {
  const folder = fileURLToPath(new URL("../../../contracts/dist/", import.meta.url));
  const found: DescService[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith("_pb.js")) continue;
    const exported = (await import(`${folder}${file}`)) as Record<string, { kind?: string }>;
    for (const value of Object.values(exported)) if (value?.kind === "service") found.push(value as DescService);
  }
  return found;
}
