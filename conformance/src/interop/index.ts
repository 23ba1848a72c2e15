import { goPrograms } from "../runner/go-programs.js";
import type { Suite } from "../runner/suite.js";
import { accountCases } from "./account-cases.js";
import { goClientCases } from "./go-client.js";
import { ourClientCases } from "./our-client.js";

const module = "google.golang.org/grpc";
const version = "v1.85.0";

/** Cases of grpc-go that are not run, and why; docs/conformance.md has more words. It has none for compression: connect-conformance covers that. */
const skipped: Readonly<Record<string, string>> = {
  "sampan → grpc-go pick_first_unary": "grpc-go's server does not say which server it is",
};

/** grpc-go's interop client against our server, and our client against its server, plain and TLS. */
export const interop: Suite = {
  name: "interop",
  summary: "gRPC interoperability with grpc-go, both ways, plain and TLS",
  needsGo: true,
  async run({ cache, tally, options }) {
    const go = await goPrograms(cache, module, version, ["interop/client", "interop/server"]);
    const soak = options.short ? 10 : 100;
    for (const tls of [false, true]) {
      await goClientCases(go, tls, soak, tally);
      await ourClientCases(go, tls, soak, tally);
    }
    await accountCases(go, tally);
    for (const [name, why] of Object.entries(skipped)) tally.add({ name, result: "skipped", why });
  },
};
