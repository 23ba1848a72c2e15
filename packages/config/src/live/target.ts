import { createHash } from "node:crypto";

/** Who a process is, for rollouts. */
export interface InstanceTraits {
  /** The same after a restart: rollouts by percentage choose by it. */
  readonly instance: string;
  /** Empty when it is not known. */
  readonly zone: string;
  /** The release that it runs, such as `canary`; empty means `stable`. */
  readonly release: string;
}

/** A part of all, or those that are named. */
export type Share = { readonly percent: number } | { readonly names: ReadonlySet<string> };

/** Whom a rollout reaches: everything that is given must hold. */
export interface Target {
  readonly instances?: Share;
  readonly tenants?: Share;
  readonly zones?: ReadonlySet<string>;
  readonly release?: string;
}

/** Whether a rollout reaches a process, leaving aside tenants. */
export function reachesInstance(rollout: string, target: Target, traits: InstanceTraits): boolean {
  if (target.zones !== undefined && !target.zones.has(traits.zone)) return false;
  if (target.release !== undefined && target.release !== (traits.release || "stable")) return false;
  return target.instances === undefined || isIn(rollout, target.instances, traits.instance);
}

/** Whether a rollout reaches a tenant; false for one that is not about tenants. */
export function reachesTenant(rollout: string, target: Target, tenant: string): boolean {
  return target.tenants !== undefined && isIn(rollout, target.tenants, tenant);
}

function isIn(rollout: string, share: Share, member: string): boolean {
  return "names" in share ? share.names.has(member) : pointOf(rollout, member) < share.percent * 100;
}

/**
 * Where a member stands among all, from 0 to 9999. It depends on the rollout, so that not always the same are first, and
 * not on the percentage, so that a growing one keeps those that it had.
 */
function pointOf(rollout: string, member: string): number {
  // A zero byte is in no name: "a" of "bc" is not "ab" of "c".
  const digest = createHash("sha256").update(`${rollout}\u0000${member}`).digest();
  return digest.readUInt32BE(0) % 10_000;
}
