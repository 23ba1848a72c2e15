import { isEntry, keyValue, run, type ServiceModule, service, tokens } from "@sampan/app";
import { gateway as httpGateway } from "@sampan/gateway";
import { contracts } from "./contracts.js";
import { issuerOf } from "./issuer.js";
import { GatewaySettings } from "./settings.js";
import { signedRequests } from "./signed-requests.js";

export const gateway: ServiceModule = service({
  name: "gateway",
  settings: GatewaySettings,
  needs: { tokens, keyValue },
  build({ tokens, keyValue: nonces, settings, runtime, edgeLayers }) {
    const { host, port, trustedProxies, signedRoles, unsignedMethods, signatureWindow } = settings;
    const follower = tokens.follow(issuerOf(runtime));
    const signatures = signedRequests({
      runtime,
      nonces,
      roles: signedRoles,
      except: unsignedMethods,
      windowMs: signatureWindow,
    });
    const edge = httpGateway({
      runtime,
      services: contracts,
      verifier: tokens,
      layers: edgeLayers,
      ...(signedRoles.length === 0 ? {} : { signatures }),
      trustedProxies,
      envelope: { mode: settings.envelope },
      limits: {
        maxBodyBytes: settings.maxBody,
        maxInFlight: settings.maxInFlight,
        maxTimeoutMs: settings.maxTimeout,
      },
    });
    const listen = async () => {
      // Before the first request, so that it finds keys; an auth service that is not there yet is asked again.
      await follower.start();
      return edge.listen({ host, port });
    };
    return { edges: [{ name: "gateway", listen }] };
  },
});

if (isEntry(import.meta)) await run(gateway);
