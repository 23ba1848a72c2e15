import type { EndpointState } from "./endpoint-state.js";

/** Of a service whose instances nearly all look down, the likelier fault is in the looking. */
export interface PanicPolicy {
  /** Share of healthy instances, 0 to 1, below which health is ignored. Default 0.5, as in Envoy; 0 switches panic off. */
  readonly threshold: number;
}

export interface Chosen {
  readonly endpoints: readonly EndpointState[];
  readonly panic: boolean;
}

/**
 * Those that take traffic. An instance that takes none by its weight is not counted at all; one that is overloaded is
 * left out like one that is down, since sending it more helps nobody.
 */
export function healthy(
  endpoints: readonly EndpointState[],
  isUp: (endpoint: EndpointState) => boolean,
  policy: PanicPolicy,
): Chosen {
  const willing = endpoints.filter(({ instance }) => instance.weight > 0);
  const up = willing.filter(isUp);
  if (up.length === willing.length) return { endpoints: up, panic: false };
  const panic = up.length < willing.length * policy.threshold;
  return { endpoints: panic ? willing : up, panic };
}
