import { mask } from "../secret.js";
import { makeSetting, type Setting, type SettingOptions } from "../setting.js";

export interface UrlOptions extends SettingOptions<string> {
  /** Such as `["redis", "rediss"]`. Default any. */
  readonly protocols?: readonly string[];
}

/** An absolute URL. A password in it is never shown. */
export function url(options: UrlOptions = {}): Setting<URL> {
  const { protocols } = options;
  const example =
    protocols === undefined ? "https://host:443/path" : protocols.map((each) => `${each}://…`).join(" or ");
  return makeSetting<URL, string>(
    {
      kind: "url",
      accepts: `an absolute URL, such as ${example}`,
      show: (value) => conceal(value.href),
      conceal,
      read(raw) {
        const value = raw instanceof URL ? raw : typeof raw === "string" ? parse(raw.trim()) : undefined;
        if (value === undefined) return { problem: "is not an absolute URL" };
        if (protocols?.includes(value.protocol.slice(0, -1)) === false) {
          return { problem: `has the protocol ${value.protocol.slice(0, -1)}` };
        }
        return { value };
      },
    },
    options,
  );
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** By the last `@`, and not through the parser, because text that is wrong must be masked as well. */
function conceal(text: string): string {
  return text.replace(/^([^:]*:\/\/)?([^:@]*):(.*)@/s, (_, scheme: string | undefined, user: string) => {
    return `${scheme ?? ""}${user}:${mask}@`;
  });
}
