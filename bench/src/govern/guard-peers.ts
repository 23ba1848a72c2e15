import { prepared, source, step } from "../grpc/peers/peer-cache.js";

/** The last of each that run on Node 20: later ones ask for Node 22. */
export const guardVersions = { cockatiel: "3.2.1", opossum: "9.0.0", moleculer: "0.14.36" } as const;

export type GuardPeer = keyof typeof guardVersions;

const mostCases = [
  "timeout",
  "retry",
  "breaker",
  "concurrency",
  "timeout, breaker, concurrency",
  "timeout, retry, breaker, concurrency",
  "breaker is open",
  "concurrency refuses",
];

/** What of ours has an equal there. */
export const peerCases: Readonly<Record<GuardPeer, readonly string[]>> = {
  cockatiel: mostCases,
  opossum: ["breaker", "timeout, breaker, concurrency", "breaker is open", "concurrency refuses"],
  moleculer: mostCases,
};

/** What a reader must know of a peer's row. */
export const peerNotes: Readonly<Record<GuardPeer, string>> = {
  cockatiel: "above the function alone; aggressive timeout; no rate limit",
  opossum: "above the function alone; percentiles off; no retry, no rate limit",
  moleculer: "above broker.call of a local action; no rate limit for actions",
};

/** The folder of the three peers' packages and cases, `<peer>.mjs`. */
export function guardPeers(): Promise<string> {
  const peers = Object.keys(guardVersions) as GuardPeer[];
  const files = {
    "package.json": JSON.stringify({ private: true, type: "module", dependencies: guardVersions }, undefined, 2),
    ...Object.fromEntries(peers.map((peer) => [`${peer}.mjs`, source(`${peer}/guards.mjs`)])),
  };
  return prepared("guards", files, async (folder) => {
    await step(folder, "npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]);
  });
}
