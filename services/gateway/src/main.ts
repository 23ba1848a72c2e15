import { isEntry, run, type ServiceModule, service, tokens } from "@sampan/app";
import { gateway as httpGateway } from "@sampan/gateway";
import { contracts } from "./contracts.js";
import { GatewaySettings } from "./settings.js";

export const gateway: ServiceModule = service({
  name: "gateway",
  settings: GatewaySettings,
  needs: { tokens },
  build({ tokens, settings, runtime, edgeLayers }) {
    const { host, port } = settings;
    const edge = httpGateway({
      runtime,
      services: contracts,
      verifier: tokens,
      layers: edgeLayers,
      envelope: { mode: settings.envelope },
      limits: {
        maxBodyBytes: settings.maxBody,
        maxInFlight: settings.maxInFlight,
        maxTimeoutMs: settings.maxTimeout,
      },
    });
    return { edges: [{ name: "gateway", listen: () => edge.listen({ host, port }) }] };
  },
});

if (isEntry(import.meta)) await run(gateway);
