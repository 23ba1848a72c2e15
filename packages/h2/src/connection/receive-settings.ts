import { ErrorCode } from "../wire/error-code.js";
import { FLAG_ACK, MAX_WINDOW } from "../wire/frame.js";
import { applySetting, SETTING_ENABLE_PUSH } from "../wire/settings.js";
import { writeSettingsAck } from "./control-frames.js";
import { fail } from "./ending.js";
import { chargeControl } from "./floods.js";
import { joinRing } from "./ring.js";
import type { ConnectionState } from "./state.js";

/** What a SETTINGS frame costs on the control meter: it is answered, and may touch every stream. */
const SETTINGS_COST = 10;

/** SETTINGS (RFC 9113 section 6.5): applied in order, then acknowledged. */
export function receiveSettings(
  c: ConnectionState,
  input: Buffer,
  start: number,
  end: number,
  flags: number,
  id: number,
): boolean {
  const length = end - start;
  if (id !== 0) return fail(c, ErrorCode.PROTOCOL_ERROR, "SETTINGS on a stream");
  if ((flags & FLAG_ACK) !== 0) {
    if (length !== 0) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "SETTINGS acknowledgement with content");
    return receiveAck(c);
  }
  if (length % 6 !== 0) return fail(c, ErrorCode.FRAME_SIZE_ERROR, "SETTINGS length");
  const { peer } = c;
  const windowBefore = peer.initialWindowSize;
  const tableBefore = peer.headerTableSize;
  for (let at = start; at < end; at += 6) {
    const setting = input.readUInt16BE(at);
    const value = input.readUInt32BE(at + 2);
    const code = applySetting(peer, setting, value);
    if (code !== ErrorCode.NO_ERROR) return fail(c, code, `SETTINGS ${setting} = ${value}`);
    // Section 6.5.2: a server never announces push.
    if (!c.server && setting === SETTING_ENABLE_PUSH && value !== 0) {
      return fail(c, ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH from a server");
    }
  }
  if (peer.headerTableSize !== tableBefore) c.encoder.allow(peer.headerTableSize);
  if (!moveWindows(c, peer.initialWindowSize - windowBefore)) return false;
  writeSettingsAck(c);
  const first = !c.settingsReceived;
  c.settingsReceived = true;
  c.capacityWasZero = false;
  if (!c.server) c.listener.onCapacity?.();
  return first || chargeControl(c, SETTINGS_COST);
}

/** Section 6.9.2: the change applies to open streams too and may make their windows negative. */
function moveWindows(c: ConnectionState, delta: number): boolean {
  if (delta === 0) return true;
  for (const stream of c.streams.values()) {
    if (stream.sendWindow + delta > MAX_WINDOW) {
      return fail(c, ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE overflows a stream window");
    }
    stream.sendWindow += delta;
    if (stream.sendWindow > 0 && stream.queuedBytes > 0) joinRing(c, stream);
  }
  if (c.ringHead !== undefined) c.out.wake();
  return true;
}

function receiveAck(c: ConnectionState): boolean {
  if (c.settingsAcked) return chargeControl(c, 1);
  c.settingsAcked = true;
  c.decoder.advertise(c.options.headerTableSize);
  return true;
}
