import { ErrorCode } from "../wire/error-code.js";
import { fail } from "./ending.js";
import type { ConnectionState } from "./state.js";

/**
 * What a peer pays for frames that cost us work and bring none. Each function returns false when the connection was
 * closed over it (ENHANCE_YOUR_CALM), with the counter that says why.
 */
export function chargeControl(c: ConnectionState, cost: number): boolean {
  if (!c.controlMeter.overflows(cost, c.now)) return true;
  c.counters.controlFloods++;
  return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "too many control frames");
}

/** Rapid reset (CVE-2023-44487): the peer opens streams and cancels them before they cost it anything. */
export function chargePeerReset(c: ConnectionState): boolean {
  if (!c.resetMeter.overflows(1, c.now)) return true;
  c.counters.rapidResets++;
  return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "too many resets");
}

/** MadeYouReset (CVE-2025-8671): the same with resets that the peer provokes us to send. */
export function chargeProvokedReset(c: ConnectionState): boolean {
  if (!c.resetMeter.overflows(1, c.now)) return true;
  c.counters.madeYouResets++;
  return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "too many stream errors");
}

/**
 * After a batch of frames: what the peer makes us write and does not read must not pile up. DATA waits in its stream
 * while the transport is blocked, so what grows here is control frames and header blocks.
 */
export function checkControlQueue(c: ConnectionState): boolean {
  const { out } = c;
  const limit = c.options.controlQueueLimit;
  if (!out.blocked || (out.control <= limit && out.pending <= limit * 16)) return true;
  c.counters.controlQueueOverflows++;
  return fail(c, ErrorCode.ENHANCE_YOUR_CALM, "control frames are not read");
}
