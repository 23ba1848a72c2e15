import type { StandinContext } from "../context.js";
import type { StandinEvent } from "../state/events.js";

/** The platforms beside WeChat that a stand-in can be as well, each with users, orders and templates of its own. */
export type VendorName = "alipay" | "douyin";

/**
 * The same stand-in seen by one of its vendors: what it commits goes into the one journal, under the vendor's name, and
 * into a state of its own, so that nobody's code, order or user is another vendor's.
 */
export function vendorContext(context: StandinContext, vendor: VendorName): StandinContext {
  const { store } = context;
  const state = store.state.vendor(vendor);
  return {
    ...context,
    store: {
      state,
      commit: (event: StandinEvent) => store.commit({ type: "vendor", vendor, event }),
      durable: () => store.durable(),
    },
  };
}
