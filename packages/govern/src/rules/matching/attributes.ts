import type { Call } from "@sampan/core";

/** What rules match a call by, besides its method. */
export interface CallAttributes {
  readonly tenant: string;
  /** The calling service; empty when it is not known. */
  readonly caller: string;
  /** `stable` for the release without a tag. */
  readonly release: string;
  label(name: string): string | undefined;
}

export const stableRelease = "stable";

/** On the client the caller is this process's own service, on the server the peer. */
export function attributesOf(call: Call): CallAttributes {
  return {
    tenant: call.tenant,
    caller: callerOf(call),
    release: call.releaseTag === "" ? stableRelease : call.releaseTag,
    label: (name) => call.baggage.get(name),
  };
}

export function callerOf(call: Call): string {
  return call.side === "server" ? callerName(call.peer.identity) : call.runtime.name;
}

/** `gateway` of `spiffe://shop.example/ns/prod/sa/gateway`; every other identity is its own name. */
function callerName(identity: string): string {
  return identity.startsWith("spiffe://") ? identity.slice(identity.lastIndexOf("/") + 1) : identity;
}
