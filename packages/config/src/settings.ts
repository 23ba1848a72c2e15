import type { Setting } from "./setting.js";

/** The settings of one section, by name. */
export type SettingFields = Readonly<Record<string, Setting<unknown>>>;

/** A section: what a service, or a part of the framework, can be told. Made by `settings()`. */
export interface Settings<F extends SettingFields = SettingFields> {
  readonly fields: F;
}

/** The values of a section, as the code that owns it gets them. */
export type SettingsOf<S extends Settings> = {
  readonly [K in keyof S["fields"]]: S["fields"][K] extends Setting<infer T> ? T : never;
};

/** Sections by name. The name begins the settings' names: `order` gives `--order.payment-window`. */
export type SettingSections = Readonly<Record<string, Settings>>;

/** The values of several sections. */
export type SettingsValues<G extends SettingSections> = { readonly [K in keyof G]: SettingsOf<G[K]> };

/** Camel case only, so that a name turns into a flag and a variable in one way. */
const namePattern = /^[a-z][a-zA-Z0-9]*$/;
/** Sections are often named like services, which may have hyphens. */
const sectionPattern = /^[a-z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/;

/**
 * Declares a section.
 *
 *     export const OrderSettings = settings({
 *       paymentWindow: duration({ default: "15m", min: "1m", max: "24h", doc: "how long an order waits for its payment" }),
 *     });
 *     type OrderSettings = SettingsOf<typeof OrderSettings>; // { readonly paymentWindow: number }
 *
 * Throws `TypeError` for a name that is not camel case.
 */
export function settings<F extends SettingFields>(fields: F): Settings<F> {
  for (const name of Object.keys(fields)) {
    if (!namePattern.test(name))
      throw new TypeError(`setting name ${JSON.stringify(name)}: use camel case, such as maxLines`);
  }
  return { fields };
}

/** Throws `TypeError` for a name that does not turn into a flag and a variable. */
export function requireSectionName(name: string): void {
  if (!sectionPattern.test(name))
    throw new TypeError(`settings section ${JSON.stringify(name)}: use a name such as order-saga`);
}
