import type { EndUser, Peer } from "@sampan/core";
import { publisherHeader } from "../remote-broker/broker-service.js";

type Headers = Readonly<Record<string, string>>;

/** Who has made a call that comes from the queue, for the access policy; `service` is the name of what is called. */
export type CallerOf = (headers: Headers, service: string) => Peer;

/**
 * The caller that a message names, as far as it can be believed:
 *
 * - without mTLS, or from the queue of this very process: as the message says;
 * - from another process's broker, which writes down whose certificate the publisher had: the publisher. Only when that
 *   was this service itself, which had let the caller in before it enqueued the call, the caller that the message names;
 * - from another process's broker that does not say: nobody.
 *
 * So whoever may publish can make no calls in the name of others.
 */
export function callersBy(own: {
  /** The SPIFFE id of this process; empty without mTLS. */
  readonly id: () => string;
  /** The broker is that of another process. */
  readonly isRemote: boolean;
}): CallerOf {
  return (headers, service) => {
    const { caller = service, [publisherHeader]: publisher = "" } = headers;
    const id = own.id();
    if (id === "" || publisher === id || (publisher === "" && !own.isRemote)) {
      return { identity: caller, address: "memory" };
    }
    return { identity: publisher, address: "broker" };
  };
}

/** For whom a call is made. */
export function userOf({ user, roles = "", scopes = "" }: Headers): EndUser | undefined {
  return user === undefined ? undefined : { subject: user, roles: words(roles), scopes: words(scopes) };
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}
