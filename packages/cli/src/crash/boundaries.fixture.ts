import type { Scenario } from "./scenarios.fixture.js";
import type { Theatre } from "./theatre.fixture.js";

/**
 * Every point at which a saga of the platform can be interrupted. The services' own tests say that these are all; here
 * each is one at which a process is killed.
 */
export const everyBoundary: readonly string[] = [
  ...["reserve", "charge", "pay-order"].flatMap((step) => both(`place-order/${step}`)),
  ...["before-attend", "after-attend-commit"].map((point) => `place-order/payment:${point}`),
  ...forward("place-order/confirm"),
  ...forward("refund-order/refund"),
  ...forward("refund-order/restock"),
  ...forward("give-back/accept"),
  ...forward("give-back/refund"),
];

function forward(step: string): string[] {
  return ["before-run", "after-run", "after-commit"].map((point) => `${step}:${point}`);
}

function both(step: string): string[] {
  const back = ["before-compensate", "after-compensate", "after-compensate-commit"].map((point) => `${step}:${point}`);
  return [...forward(step), ...back];
}

/** A boundary, in one way that an order can go, and which time it is reached there. */
export interface Strike {
  readonly scenario: Scenario;
  readonly point: string;
  readonly nth: number;
}

/** Plays scenarios without a kill, to learn where they can be killed. */
export async function rehearse(theatre: Theatre, ways: readonly Scenario[]): Promise<Strike[]> {
  const strikes: Strike[] = [];
  for (const scenario of ways) {
    await theatre.waitFor(scenario);
    const counts = new Map<string, number>();
    for (const point of await theatre.rehearse(scenario)) {
      const nth = (counts.get(point) ?? 0) + 1;
      counts.set(point, nth);
      strikes.push({ scenario, point, nth });
    }
  }
  return strikes;
}
