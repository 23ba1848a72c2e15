import { createServer } from "node:net";
import { join } from "node:path";
import { loadOrCreateStandinKeys, type Standin, startStandin } from "@sampan/miniprogram/standin";

/** A stand-in in the test's process: it survives every kill, as the real platform would. */
export async function startOutsideStandin(data: string, currency: string): Promise<Standin> {
  return startStandin({
    keys: await loadOrCreateStandinKeys(join(data, "standin")),
    rules: {
      refundSpacingMs: 0,
      loginsPerUserPerMinute: 10_000,
      // The real platform repeats a callback that nobody answered after 15 s; a platform that was killed is back sooner.
      callbackRetriesMs: Array.from({ length: 600 }, () => 50),
      currencies: [currency],
    },
    templates: templates(),
  });
}

function templates(): Record<string, readonly string[]> {
  const keywords = ["character_string1", "amount2", "phrase3"];
  const events = ["confirmed", "cancelled", "expired", "failed", "refunded"];
  return Object.fromEntries(events.map((event) => [`tpl-order-${event}`, keywords]));
}

/** Ports that were free a moment ago; the platform must come back on the same one, so it cannot choose for itself. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
