import { signatureHeaders } from "../client/request-signature.js";
import type { Day } from "./play.js";
import { expect, type Journey } from "./steps.js";

/** As the gateway writes errors: the reason is in `google.rpc.ErrorInfo`. */
interface Refusal {
  readonly details?: readonly { readonly reason?: string }[];
}

const reasonOf = ({ details = [] }: Refusal): string =>
  details.find(({ reason }) => reason !== undefined)?.reason ?? "";

/** What a gateway does that wants requests to be signed: nothing works without the session's key, and nothing twice. */
export async function playSignatures(journey: Journey, { user, operator, orderId }: Day): Promise<void> {
  const path = `/v1/orders/${orderId}`;
  await journey.step("a request that is not signed is refused, of users and operators", async () => {
    for (const [session, target] of [
      [user, path],
      [operator, "/v1/admin/orders"],
    ] as const) {
      const { token, key } = await session.credentials();
      const unsigned = await journey.call<Refusal>(401, "GET", target, { token });
      expect("reason", reasonOf(unsigned), "SIGNATURE_MISSING");
      await journey.call(200, "GET", target, { token, key });
    }
  });
  await journey.step("a signed request works once, and only as it was signed", async () => {
    const { token, key } = await user.credentials();
    const headers = signatureHeaders("GET", path, "", key);
    await journey.call(200, "GET", path, { token, headers });
    const again = await journey.call<Refusal>(401, "GET", path, { token, headers });
    expect("reason", reasonOf(again), "SIGNATURE_REPLAYED");
    const changed = await journey.call<Refusal>(401, "GET", "/v1/orders", {
      token,
      headers: signatureHeaders("GET", path, "", key),
    });
    expect("reason", reasonOf(changed), "SIGNATURE_INVALID");
    const { key: other } = await operator.credentials();
    await journey.call(401, "GET", path, { token, key: other });
  });
}
