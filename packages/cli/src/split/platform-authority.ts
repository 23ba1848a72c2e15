import { join } from "node:path";
import type { Clock } from "@sampan/core";
import {
  type Authority,
  authorityFolder,
  createAuthority,
  type Lives,
  openAuthority,
} from "@sampan/identity/certificates";
import { CommandError } from "../command/command-error.js";
import { defaultTrustDomain } from "../platform/trust-domain.js";

export interface PlatformAuthorityOptions {
  /** The folder of the installation. */
  readonly data: string;
  /** Empty: that of the authority that is there, or else the default. */
  readonly trustDomain: string;
  /** How long services' certificates live; undefined: as the authority says. */
  readonly lifeMs: number | undefined;
  readonly clock: Clock;
  /** Hears when renewing has failed; it is tried again every second. */
  readonly failed: (error: unknown) => void;
}

/**
 * The authority of an installation, in `<data>/authority`, made at the first start. Throws `CommandError` when it is of
 * another trust domain than the settings say, and `AUTHORITY_FOLDER`.
 */
export async function openPlatformAuthority(options: PlatformAuthorityOptions): Promise<Authority> {
  const { data, trustDomain, lifeMs, clock, failed } = options;
  const folder = join(data, "authority");
  const store = authorityFolder(folder);
  const existing = await store.load();
  if (existing === undefined) {
    const lives = lifeMs === undefined ? {} : shortened(lifeMs);
    return createAuthority(trustDomain === "" ? defaultTrustDomain : trustDomain, { store, clock, failed, lives });
  }
  if (trustDomain !== "" && existing.trustDomain !== trustDomain)
    throw new CommandError(
      `the authority in ${folder} is of the trust domain ${existing.trustDomain}, not ${trustDomain}`,
      "set certificates.trustDomain to its own, or start on another data folder",
    );
  return openAuthority({ store, clock, failed });
}

/** Everything above the services' certificates changes as fast as they ask for: a life is at most half of its signer's. */
function shortened(lifeMs: number): Partial<Lives> {
  return { svidMs: lifeMs, intermediateMs: 6 * lifeMs, overlapMs: lifeMs };
}
