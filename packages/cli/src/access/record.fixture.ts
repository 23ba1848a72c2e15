import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessGuard, type AccessPolicy, type Decision, type SeenCall } from "@sampan/identity/access";
import { playJourney } from "../journey/play.js";
import { Journey } from "../journey/steps.js";
import { startPlatform } from "../platform/start-platform.js";

/** What the journey's calls are under a policy in shadow. */
export interface Played {
  /** Calls that the policy would deny. */
  readonly denied: readonly SeenCall[];
  readonly seen: readonly SeenCall[];
  /** Steps that went wrong. */
  readonly problems: readonly string[];
}

/** Plays the journey on a platform of its own, with a policy that watches every call and stops none. */
export async function playUnder(policy: AccessPolicy): Promise<Played> {
  const denied: SeenCall[] = [];
  const seen = new Map<string, SeenCall>();
  const guard = new AccessGuard({
    policy: { ...policy, mode: "shadow" },
    surroundings: { trustDomain: "shop.test", namespace: "shop" },
    denied: (from, to, _: Decision) => void denied.push({ from, to }),
  });
  const watch: typeof guard.layer = (next, method) => {
    const to = method.path.slice(1);
    const guarded = guard.layer(next, method);
    return (request, call) => {
      seen.set(`${call.peer.identity} ${to}`, { from: call.peer.identity, to });
      return guarded(request, call);
    };
  };
  const folder = mkdtempSync(join(tmpdir(), "sampan-access-"));
  try {
    const platform = await startPlatform({
      data: join(folder, "data"),
      port: 0,
      run: { signals: false, layers: [watch] },
      set: { process: { logLevel: "error" } },
    });
    const journey = new Journey({ ...platform, close: () => platform.stop() }, () => {});
    try {
      await playJourney(journey);
    } finally {
      journey.close();
      await platform.stop();
    }
    const problems = journey.results.flatMap(({ name, problem }) =>
      problem === undefined ? [] : [`${name}: ${problem}`],
    );
    return { denied, seen: [...seen.values()], problems };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
