import { textField } from "../../json-fields.js";
import { gatewayRoute } from "../alipay/gateway.js";
import { loginInterface } from "../alipay/login.js";
import { alipayPay } from "../alipay/notification.js";
import { phoneControlRoute } from "../alipay/phone-number.js";
import { alipayPlatform } from "../alipay/platform.js";
import { refundInterfaces } from "../alipay/refunds.js";
import { messageInterface } from "../alipay/template-message.js";
import { tradeInterfaces } from "../alipay/trades.js";
import type { StandinContext } from "../context.js";
import { douyinPay } from "../douyin/callback.js";
import { sessionRoutes } from "../douyin/login.js";
import { notificationRoutes } from "../douyin/notification.js";
import { openDataControlRoute } from "../douyin/open-data.js";
import { orderRoutes } from "../douyin/orders.js";
import { refundRoutes } from "../douyin/refunds.js";
import { jsonBody, type Route, type StandinRequest } from "../http/exchange.js";
import { VendorCallbacks } from "./callbacks.js";
import { type VendorName, vendorContext } from "./context.js";
import type { VendorKeys } from "./keys.js";
import { vendorPaymentRoutes } from "./payments.js";
import { vendorPeopleRoutes } from "./people.js";

/** The other vendors of a stand-in. */
export interface Vendors {
  /** What the platforms serve. */
  readonly routes: readonly Route[];
  /** Control of those that a request names, before the control that names none. */
  readonly control: readonly Route[];
  /** Goes on with the callbacks of a former process. */
  resume(): void;
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** None, for a stand-in without their keys: it is WeChat alone. */
export function openVendors(
  main: StandinContext,
  keys: VendorKeys | undefined,
  templates: Readonly<Record<string, readonly string[]>>,
): Vendors {
  if (keys === undefined) return group([]);
  return group([alipay(main, keys, templates), douyin(main, keys, templates)]);
}

function alipay(
  main: StandinContext,
  keys: VendorKeys,
  templates: Readonly<Record<string, readonly string[]>>,
): Vendors {
  const context = open(main, "alipay", templates);
  const platform = alipayPlatform(context, keys.alipay);
  const pay = alipayPay(platform);
  const callbacks = new VendorCallbacks(context, pay);
  const interfaces = [
    loginInterface(platform),
    messageInterface(platform),
    ...tradeInterfaces(platform),
    ...refundInterfaces(platform, callbacks),
  ];
  const control = [
    ...vendorPeopleRoutes(context),
    ...vendorPaymentRoutes(context, pay, callbacks),
    phoneControlRoute(platform),
  ];
  return vendor("alipay", [gatewayRoute(platform, interfaces)], control, callbacks);
}

function douyin(
  main: StandinContext,
  keys: VendorKeys,
  templates: Readonly<Record<string, readonly string[]>>,
): Vendors {
  const context = open(main, "douyin", templates);
  const platform = { context, keys: keys.douyin };
  const pay = douyinPay(platform);
  const callbacks = new VendorCallbacks(context, pay);
  const routes = [
    ...sessionRoutes(platform),
    ...notificationRoutes(platform),
    ...orderRoutes(platform),
    ...refundRoutes(platform, callbacks),
  ];
  const control = [
    ...vendorPeopleRoutes(context),
    ...vendorPaymentRoutes(context, pay, callbacks),
    openDataControlRoute(platform),
  ];
  return vendor("douyin", routes, control, callbacks);
}

function open(
  main: StandinContext,
  name: VendorName,
  templates: Readonly<Record<string, readonly string[]>>,
): StandinContext {
  const context = vendorContext(main, name);
  const { store } = context;
  for (const [templateId, keywords] of Object.entries(templates)) {
    const known = store.state.templates.get(templateId);
    if (known?.join() !== keywords.join()) store.commit({ type: "template", templateId, keywords });
  }
  return context;
}

function vendor(
  name: VendorName,
  routes: readonly Route[],
  control: readonly Route[],
  callbacks: VendorCallbacks,
): Vendors {
  const named = (request: StandinRequest): boolean =>
    request.query.get("platform") === name || textField(jsonBody(request), "platform") === name;
  return {
    routes,
    control: control.map((route) => ({ ...route, accepts: named })),
    resume: () => callbacks.resume(),
    settled: () => callbacks.settled(),
    close: () => callbacks.close(),
  };
}

function group(vendors: readonly Vendors[]): Vendors {
  return {
    routes: vendors.flatMap(({ routes }) => routes),
    control: vendors.flatMap(({ control }) => control),
    resume: () => {
      for (const one of vendors) one.resume();
    },
    settled: async () => {
      for (const one of vendors) await one.settled();
    },
    close: async () => {
      for (const one of vendors) await one.close();
    },
  };
}
