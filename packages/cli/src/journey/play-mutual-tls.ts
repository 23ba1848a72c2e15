import { verifyTrail } from "@sampan/identity/audit";
import type { SplitPlatform } from "../split/start-split.js";
import { CertificateWatch } from "./certificate-watch.js";
import { type Figures, figuresOf } from "./figures.js";
import type { Day } from "./play.js";
import { playRenewal } from "./renewal.js";
import { playSignatures } from "./signed-requests.js";
import { expect, type Journey } from "./steps.js";
import { playStrangers, type Refused } from "./strangers.js";

/** What was counted on a platform with mTLS. */
export interface MutualTlsFacts {
  readonly orders: number;
  /** By process. */
  readonly rotations: ReadonlyMap<string, number>;
  readonly issued: number;
  /** Of the trust domain, in use one after the other. */
  readonly roots: number;
  readonly servers: number;
  readonly figures: Figures;
  /** Requests that carried a signature, and tokens that were exchanged. */
  readonly signed: number;
  readonly refreshes: number;
  readonly refused: Refused;
  /** Entries in the audit trails. */
  readonly audited: number;
}

/**
 * Plays what mTLS and signed requests are for, after the day in the shop: signatures, renewal under load, and who is not let in.
 * Needs a platform with `identities`.
 */
export async function playMutualTls(journey: Journey, day: Day, platform: SplitPlatform): Promise<MutualTlsFacts> {
  const { identities } = platform;
  if (identities === undefined) throw new TypeError("the platform has no mTLS");
  const watch = new CertificateWatch({ ...platform, identities });
  try {
    await journey.step("every process has a certificate of its own, and shows it", async () => {
      await watch.look();
      for (const [name, { ids }] of watch.seen)
        expect(`ids of ${name}`, [...ids], [identities.idOf(name.replace(/-\d+$/, ""))]);
      const silent = [...watch.seen.keys()].filter((name) => watch.servers.every(([server]) => server !== name));
      // The door to the outside, which nobody inside calls.
      expect("processes that serve no gRPC", silent, ["gateway"]);
    });
    await playSignatures(journey, day);
    const orders = await playRenewal({ journey, day, watch, identities });
    const refreshes = await journey.step("everybody has exchanged tokens that were about to expire", async () => {
      expect("the user's tokens were exchanged", day.user.refreshes > 0, true);
      await journey.call(200, "GET", "/v1/admin/orders", { by: day.operator });
      expect("the operator's tokens were exchanged", day.operator.refreshes > 0, true);
      return journey.sessions.reduce((sum, session) => sum + session.refreshes, 0);
    });
    const figures = await journey.step("no call between the services has failed or was denied", async () => {
      const counted = figuresOf(await watch.metrics());
      expect("failed calls", Object.fromEntries(counted.failed), {});
      expect("denied calls", counted.denied, 0);
      expect("calls were made", counted.made > orders, true);
      expect("refused certificates", counted.certificates.refused, 0);
      expect(
        "certificates were checked",
        Math.min(counted.certificates.byServers, counted.certificates.byClients) > 0,
        true,
      );
      return counted;
    });
    const rotations = new Map([...watch.seen.keys()].map((name) => [name, watch.rotations(name)]));
    const refused = await playStrangers(journey, watch, identities);
    const audited = await journey.step("the audit trails hold what operators did, and are whole", async () => {
      let events = 0;
      for (const name of rotations.keys()) {
        const trail = await verifyTrail(identities.trailOf(name));
        expect(`problems in the trail of ${name}`, trail.problems, []);
        events += trail.events;
      }
      expect("what operators did is written down", events > refused.calls, true);
      return events;
    });
    return {
      orders,
      rotations,
      issued: [...rotations.keys()].reduce((sum, name) => sum + identities.issued(name), 0),
      roots: identities.authority.state.roots.length,
      servers: watch.servers.length,
      figures,
      signed: journey.signed,
      refreshes,
      refused,
      audited,
    };
  } finally {
    watch.close();
  }
}

/** For people, line by line. */
export function mutualTlsText(facts: MutualTlsFacts): string {
  const { orders, rotations, issued, roots, servers, figures, signed, refreshes, refused, audited } = facts;
  const { byServers, byClients, refused: bad } = figures.certificates;
  const each = [...rotations].map(([name, count]) => `${name} ${count}`).join(", ");
  return [
    `certificates  ${issued} issued; renewed ${each}; below ${roots} roots`,
    `connections   the other end's certificate was checked ${byServers} times by servers and ${byClients} by clients, ${bad} refused`,
    `requests      ${signed} signed, each answered as it should be; ${orders} orders confirmed; tokens exchanged ${refreshes} times`,
    `calls         ${figures.made} between the services, ${figures.failed.size} failed, ${figures.denied} denied`,
    `refused       at ${servers} servers: ${refused.plain} clients without TLS, ${refused.withoutCertificate} without a certificate, ${refused.foreign} of another trust domain`,
    `              ${refused.calls} calls of good certificates that no rule allows`,
    `audit         ${audited} entries of what operators did and what was refused; every trail is whole`,
  ].join("\n");
}
