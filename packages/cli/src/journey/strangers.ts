import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { type Call, RpcError, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import {
  type Authority,
  authoritySource,
  createAuthority,
  memoryAuthorityStore,
  serviceId,
  type TlsPems,
  tlsCertificates,
} from "@sampan/identity/certificates";
import type { Identities } from "../split/identities.js";
import type { CertificateWatch } from "./certificate-watch.js";
import { knock, type Shown } from "./door.js";
import { expect, type Journey } from "./steps.js";

/** Doors that stayed shut, by who knocked. */
export interface Refused {
  readonly plain: number;
  readonly withoutCertificate: number;
  readonly foreign: number;
  /** Calls of certificates of our own that no rule allows. */
  readonly calls: number;
}

/** Tries every server as those who must not get in, and calls what a good certificate must not call. */
export async function playStrangers(
  journey: Journey,
  watch: CertificateWatch,
  { authority, names, idOf }: Identities,
): Promise<Refused> {
  const domain = "elsewhere.example";
  const other = await createAuthority(domain, { store: memoryAuthorityStore() });
  try {
    const ours = certificateOf(authority, idOf("order"));
    // Believes our servers, so that it is their judgement that is seen.
    const theirs = { ...certificateOf(other, serviceId(domain, names.namespace, "order")), ca: ours.ca };
    const tried = async (who: string, shown: Shown): Promise<number> => {
      for (const [name, address] of watch.servers)
        expect(`${name} serves ${who}`, (await knock(address, shown)).served, false);
      return watch.servers.length;
    };
    const refused = await journey.step("no server serves who has no certificate of the platform", async () => {
      // Somebody must get in, or the others would prove nothing.
      for (const [name, address] of watch.servers)
        expect(`${name} serves the platform`, (await knock(address, ours)).served, true);
      return {
        plain: await tried("a client without TLS", "plain"),
        withoutCertificate: await tried("a client without a certificate", { ca: ours.ca }),
        foreign: await tried("another trust domain", theirs),
      };
    });
    const calls = await journey.step("a good certificate calls only what a rule allows", async () => {
      const addressOf = (process: RegExp): string => watch.servers.find(([name]) => process.test(name))?.[1] ?? "";
      const attempts = [
        ["catalog", addressOf(/^payment/), (call: Call) => call.to(PaymentService).charge({})],
        ["order", addressOf(/^inventory/), (call: Call) => call.to(InventoryService).addStock({})],
        ["nobody", addressOf(/^inventory/), (call: Call) => call.to(InventoryService).reserve({})],
      ] as const;
      for (const [service, address, attempt] of attempts) {
        const pems = certificateOf(authority, idOf(service));
        expect(`what ${service} was answered`, await reasonOf(address, pems, attempt), "ACCESS_DENIED");
      }
      return attempts.length;
    });
    return { ...refused, calls };
  } finally {
    other.close();
  }
}

function certificateOf(authority: Authority, id: string): TlsPems {
  const source = authoritySource({ authority, id });
  source.close();
  return tlsCertificates(source).current();
}

/** Why a call fails; empty when it does not. */
async function reasonOf(address: string, certificates: TlsPems, attempt: (call: Call) => Promise<unknown>) {
  const transport = grpcTransport({ tls: { client: { certificates, checkServer: () => undefined } } });
  try {
    const channel = transport.connect(address);
    await new Runtime({ name: "journey", connect: () => channel }).run({ name: "stranger" }, attempt);
    return "";
  } catch (error) {
    return RpcError.from(error).reason ?? String(error);
  } finally {
    await transport.close();
  }
}
