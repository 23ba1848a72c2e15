import type { Facts } from "./notice.js";

/** What stands in a message's places: texts with names in braces, such as `{order_id}`. */
export type Fillings = Readonly<Record<string, string>>;

/** How an event is told on one platform. */
export interface TemplateText {
  /** The platform's id of the template. */
  readonly templateId: string;
  readonly keywords: Fillings;
  /** The page that a tap opens; empty for none. */
  readonly page: string;
  /** Goes out in quiet hours too. */
  readonly urgent: boolean;
  /** Whose night it is; empty for the tenant's. */
  readonly timeZone: string;
  readonly sms: SmsText | undefined;
}

export interface SmsText {
  readonly signName: string;
  readonly templateId: string;
  readonly parameters: Fillings;
}

/** A text as it was written down; version 0 is what the settings say, written by nobody. */
export interface TemplateVersion {
  readonly provider: string;
  readonly event: string;
  readonly version: number;
  readonly text: TemplateText;
  readonly changedBy: string;
  readonly changedAt: number;
}

const places = /\{([a-z_]+)\}/g;

/** The names that a text uses. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(places)].map(([, name]) => name as string);
}

/** Fills every place. A name that there is no fact of stays as it is written: it was checked when the text was set. */
export function fill(fillings: Fillings, facts: Facts): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [place, text] of Object.entries(fillings)) {
    filled[place] = text.replace(places, (whole, name: string) =>
      Object.hasOwn(facts, name) ? (facts[name] as string) : whole,
    );
  }
  return filled;
}
