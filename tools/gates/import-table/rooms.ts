/**
 * Section 1 of the architecture as data: which room may import which. Imports point upward in this list only. What stands here
 * beyond the architecture's table has its reason in docs/design/0002-import-table.md; a new row here is a design decision and
 * starts there.
 */
export interface Room {
  readonly name: string;
  /** From the root; a star stands for one folder. The first room that fits a file is its room. */
  readonly folder: string;
  /** Rooms that its sources may import, through their `exports`. */
  readonly mayImport: readonly string[] | "everything";
  /** Packages from outside; "declared" leaves it to the room's package.json, because nothing above depends on the room; "fetched" to whoever runs it. */
  readonly external: readonly string[] | "declared" | "fetched";
  /** Rooms that one file of it may import besides, for composition. */
  readonly fileMayImport?: Readonly<Record<string, readonly string[]>>;
  /** `import(expression)` is allowed: the room loads what a user names. Elsewhere it would hide an import from this table. */
  readonly computedImports?: true;
  /** Node's own modules are out of reach: the code runs elsewhere. */
  readonly withoutNode?: true;
  /** The rings inside each service are checked (rings.ts), and only their outer ring may import these from outside. */
  readonly rings?: { readonly storeMayUse: readonly string[] };
}

const protobuf = "@bufbuild/protobuf";

/** What is alike in every service: main.ts composes, settings.ts declares, the store speaks SQL. */
const insideServices = {
  external: [protobuf],
  fileMayImport: { "src/main.ts": ["app", "config"], "src/settings.ts": ["config"] },
  rings: { storeMayUse: ["kysely"] },
} as const;

export const rooms: readonly Room[] = [
  // The framework.
  { name: "protos", folder: "packages/protos", mayImport: [], external: [protobuf] },
  { name: "core", folder: "packages/core", mayImport: ["protos"], external: [protobuf] },
  { name: "testkit", folder: "packages/testkit", mayImport: ["core", "protos"], external: [protobuf] },
  { name: "h2", folder: "packages/h2", mayImport: [], external: [] },
  { name: "grpc", folder: "packages/grpc", mayImport: ["core", "protos", "h2"], external: [protobuf] },
  { name: "govern", folder: "packages/govern", mayImport: ["core"], external: ["yaml"] },
  { name: "telemetry", folder: "packages/telemetry", mayImport: ["core"], external: [] },
  { name: "engines", folder: "packages/engines", mayImport: ["core"], external: [] },
  { name: "discovery", folder: "packages/discovery", mayImport: ["core", "engines"], external: [] },
  { name: "config", folder: "packages/config", mayImport: ["core", "engines"], external: ["yaml"] },
  {
    name: "identity",
    folder: "packages/identity",
    mayImport: ["core", "protos"],
    external: [protobuf, "jose", "yaml"],
  },
  { name: "data", folder: "packages/data", mayImport: ["core"], external: ["kysely", "libsql"] },
  { name: "gateway", folder: "packages/gateway", mayImport: ["core", "protos", "h2"], external: [protobuf] },
  { name: "miniprogram", folder: "packages/miniprogram", mayImport: ["core"], external: [] },
  {
    name: "mesh",
    folder: "packages/mesh",
    mayImport: ["core", "protos", "grpc", "govern", "discovery", "identity"],
    external: [protobuf],
  },
  {
    name: "app",
    folder: "packages/app",
    mayImport: [
      "protos",
      "core",
      "h2",
      "grpc",
      "govern",
      "telemetry",
      "engines",
      "discovery",
      "config",
      "identity",
      "data",
      "gateway",
      "miniprogram",
    ],
    external: [protobuf],
  },
  { name: "cli", folder: "packages/cli", mayImport: "everything", external: "declared", computedImports: true },

  // The platform.
  { name: "contracts", folder: "packages/contracts", mayImport: ["protos"], external: [protobuf] },
  {
    name: "gateway-service",
    folder: "services/gateway",
    mayImport: ["core", "protos", "data", "miniprogram", "contracts", "gateway", "identity"],
    ...insideServices,
  },
  {
    // Issues tokens: the rules for them are in the package.
    name: "auth-service",
    folder: "services/auth",
    mayImport: ["core", "protos", "data", "miniprogram", "contracts", "identity"],
    ...insideServices,
  },
  {
    name: "services",
    folder: "services/*",
    mayImport: ["core", "protos", "data", "miniprogram", "contracts"],
    ...insideServices,
  },
  { name: "console", folder: "console", mayImport: ["contracts"], external: "declared" },
  { name: "clients", folder: "clients/miniprogram", mayImport: [], external: [], withoutNode: true },

  // What stands beside the product.
  // Programs in the peers' own ways, run with dependencies that the bench fetches for them: none of our code.
  { name: "peers", folder: "bench/peers", mayImport: [], external: "fetched" },
  { name: "bench", folder: "bench", mayImport: "everything", external: "declared", computedImports: true },
  { name: "conformance", folder: "conformance", mayImport: "everything", external: "declared" },
  { name: "tools", folder: "tools", mayImport: [], external: "declared", computedImports: true },
];

/** What *.test.ts and *.fixture.ts may import besides what their room may: tools, and real messages to try things on. */
export const testsMayImport = {
  rooms: ["testkit", "protos", "contracts"],
  external: ["fast-check", "@bufbuild/protobuf", "ajv", "wechatpay-axios-plugin"],
} as const;
