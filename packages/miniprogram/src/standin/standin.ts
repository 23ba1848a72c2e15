import { type Clock, silentLogger, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { loginRoutes } from "./api/login.js";
import { phoneRoutes } from "./api/phone-number.js";
import { sessionRoutes } from "./api/session.js";
import { messageRoutes } from "./api/subscribe-message.js";
import { tokenRoutes } from "./api/token.js";
import type { StandinContext } from "./context.js";
import { Faults } from "./control/faults.js";
import { payPlatformRoutes } from "./control/pay-platform.js";
import { paymentRoutes } from "./control/payments.js";
import { peopleRoutes } from "./control/people.js";
import { platformRoutes } from "./control/platform.js";
import { pushControlRoutes } from "./control/pushes.js";
import { refundControlRoutes } from "./control/refunds.js";
import { sessionControlRoutes } from "./control/sessions.js";
import { sameSiteOnly } from "./http/same-site.js";
import { StandinServer } from "./http/server.js";
import type { StandinKeys } from "./keys.js";
import { pageRoutes } from "./page.js";
import { Bills } from "./pay/bills/bills.js";
import { Callbacks } from "./pay/callbacks.js";
import { certificateRoutes } from "./pay/certificates.js";
import { Checkout } from "./pay/checkout.js";
import { platformCrypto } from "./pay/merchant-route.js";
import { orderRoutes } from "./pay/orders.js";
import { Refunds } from "./pay/refunds.js";
import { Pushes } from "./push/pushes.js";
import { Quotas } from "./quota.js";
import { realRules, type StandinRules } from "./rules.js";
import { ShiftedClock } from "./shifted-clock.js";
import { Store } from "./state/store.js";
import type { VendorKeys } from "./vendor/keys.js";
import { openVendors } from "./vendor/vendors.js";

export interface StandinOptions {
  readonly keys: StandinKeys;
  /** Default 0, which takes a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. The control interface has no password: who reaches the port is the platform. */
  readonly host?: string;
  /** Default the system's, which `/_control/clock/advance` can then shift. */
  readonly clock?: Clock;
  /** The journal. Without one everything is forgotten at the end. One process opens a file at a time. */
  readonly dataFile?: string;
  /** What to relax of the real platform's rules. */
  readonly rules?: Partial<StandinRules>;
  /** With it the stand-in is Alipay and Douyin too, at paths of their own; without it WeChat alone. */
  readonly vendors?: VendorKeys;
  /** Message templates by id, each with its keywords, such as `{ "tpl-confirmed": ["thing1", "amount2"] }`. */
  readonly templates?: Readonly<Record<string, readonly string[]>>;
  readonly logger?: Logger;
}

export interface Standin {
  /** Without a slash at the end, such as `http://127.0.0.1:4100`. */
  readonly url: string;
  /** Resolves when no callback and no push is under way. */
  settled(): Promise<void>;
  /** Cuts connections, stops retries (a data file keeps them for the next start) and writes everything down. */
  close(): Promise<void>;
}

/**
 * A local platform that is as strict as the real one, over HTTP: login and sessions, stable token, phone numbers, subscribe
 * messages, message push, Pay v3, signed callbacks with retries. Rejects when the port is taken or the data file cannot be read.
 */
export async function startStandin(options: StandinOptions): Promise<Standin> {
  const signingClock = options.clock ?? systemClock;
  const store = await Store.open(options.dataFile, signingClock);
  const clock = new ShiftedClock(signingClock);
  const context: StandinContext = {
    keys: options.keys,
    rules: { ...realRules, ...options.rules },
    store,
    quotas: new Quotas(clock),
    clock,
    signingClock,
  };
  for (const [templateId, keywords] of Object.entries(options.templates ?? {})) {
    const known = store.state.templates.get(templateId);
    if (known?.join() !== keywords.join()) store.commit({ type: "template", templateId, keywords });
  }
  const crypto = platformCrypto(context);
  const callbacks = new Callbacks(context, crypto);
  const checkout = new Checkout(context, crypto, callbacks);
  const refunds = new Refunds(context, crypto, callbacks);
  const bills = new Bills(context, crypto);
  const faults = new Faults();
  const pushes = new Pushes(context);
  const vendors = openVendors(context, options.vendors, options.templates ?? {});
  const settled = async (): Promise<void> => {
    await callbacks.settled();
    await pushes.settled();
    await vendors.settled();
  };
  const server = new StandinServer(
    [
      ...faults.around([
        ...loginRoutes(context),
        ...tokenRoutes(context),
        ...messageRoutes(context, pushes),
        ...sessionRoutes(context),
        ...phoneRoutes(context),
        ...orderRoutes(context, crypto),
        ...refunds.routes,
        ...bills.routes,
        ...certificateRoutes(context, crypto),
        ...vendors.routes,
      ]),
      ...sameSiteOnly([
        ...vendors.control,
        ...peopleRoutes(context, pushes),
        ...sessionControlRoutes(context),
        ...pushControlRoutes(context, pushes),
        ...paymentRoutes(context, checkout, callbacks),
        ...refundControlRoutes(context, refunds, callbacks),
        ...payPlatformRoutes(context, crypto.signers, bills),
        ...platformRoutes(context, faults, options.clock === undefined, settled),
        ...pageRoutes(context, checkout),
      ]),
    ],
    options.logger ?? silentLogger,
  );
  let url: string;
  try {
    url = await server.listen(options.host ?? "127.0.0.1", options.port ?? 0);
  } catch (error) {
    await store.close();
    throw error;
  }
  callbacks.resume();
  vendors.resume();
  return {
    url,
    settled,
    close: async () => {
      await server.close();
      await callbacks.close();
      await pushes.close();
      await vendors.close();
      await store.close();
    },
  };
}
