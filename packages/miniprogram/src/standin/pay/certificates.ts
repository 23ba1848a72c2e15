import { sealResource } from "../../wechat/pay/sealed-resource.js";
import { wireTime } from "../../wechat/pay/wire-values.js";
import type { StandinContext } from "../context.js";
import { json, type Route, type StandinReply } from "../http/exchange.js";
import { merchantRoute, type PlatformCrypto, payFailure } from "./merchant-route.js";

/** `/v3/certificates`: the platform's certificates, each sealed with the merchant's APIv3 key. */
export function certificateRoutes(context: StandinContext, crypto: PlatformCrypto): Route[] {
  return [
    {
      method: "GET",
      path: /^\/v3\/certificates$/,
      handle: merchantRoute(() => list(context, crypto), context, crypto),
    },
  ];
}

function list(context: StandinContext, crypto: PlatformCrypto): StandinReply {
  const { signing } = context.store.state.pay;
  if (!signing.certificates) {
    return payFailure(404, "RESOURCE_NOT_EXISTS", "this merchant has the platform's public key and no certificates");
  }
  const data = crypto.signers.certificates().map(({ serial, certificate, effectiveAt, expiresAt }) => {
    const { algorithm, nonce, associated_data, ciphertext } = sealResource(certificate, "certificate", crypto.apiV3Key);
    return {
      serial_no: serial,
      effective_time: wireTime(effectiveAt),
      expire_time: wireTime(expiresAt),
      encrypt_certificate: { algorithm, nonce, associated_data, ciphertext },
    };
  });
  return json(200, { data });
}
