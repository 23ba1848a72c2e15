import { join } from "node:path";
import { choice, duration, type Settings, type SettingsOf, settings, text } from "@sampan/config";
import type { TokenIssuer, TokenVerifier } from "@sampan/core/ports";
import {
  IssuerFollower,
  type IssuerSource,
  loadOrCreateSecret,
  openTokenKeyRing,
  type PublicTokenKeys,
  type RefreshTokenCodec,
  Revocations,
  refreshTokenCodec,
  type TokenKeyRing,
  TokenKeySet,
  tokenIssuer,
  tokenVerifier,
} from "@sampan/identity";
import type { SingletonDependency } from "../dependency.js";

const fields = {
  issuer: text({ default: "sampan", doc: "who issues tokens: the installation's name" }),
  audience: text({ default: "sampan", doc: "for whom tokens are" }),
  lifetime: duration({ default: "15m", min: "1s", max: "30d", doc: "how long an access token is valid" }),
  algorithm: choice(["EdDSA", "RS256"], { default: "EdDSA", doc: "of the keys that are made from now on" }),
  rotateEvery: duration({ default: "30d", min: "0s", max: "3650d", doc: "how long a key signs; 0s: for ever" }),
  publishAhead: duration({ default: "10m", min: "1s", max: "1d", doc: "how long before it signs a key is published" }),
  follow: duration({ default: "1s", min: "10ms", max: "1m", doc: "how often the gateway asks what was revoked" }),
  maxSilence: duration({
    default: "0s",
    min: "0s",
    max: "30d",
    doc: "tokens are refused when the auth service has not answered for so long; 0s: never",
  }),
};

const TokenSettings: Settings<typeof fields> = settings(fields);

/**
 * Issues and checks access tokens. Keys are in the data folder, and are opened when something is issued or the keys are
 * asked for: a process that only checks tokens, and follows who issues them, has no private key.
 */
export interface Tokens extends TokenIssuer, TokenVerifier {
  readonly lifetimeMs: number;
  /** What this process knows to be revoked. */
  readonly revocations: Revocations;
  publicKeys(): Promise<PublicTokenKeys>;
  refreshCodec(): Promise<RefreshTokenCodec>;
  /** Checks with what the issuer says from now on, instead of with the keys in the folder. To be started by the caller. */
  follow(source: IssuerSource): IssuerFollower;
}

/** How far clocks may be apart; a key is kept for so much longer than its tokens. */
const skewMs = 60_000;
const turnEveryMs = 60_000;

export const tokens: SingletonDependency<Tokens> = {
  name: "tokens",
  lifetime: "process",
  settings: TokenSettings,
  open({ dataFolder, settings, clock, logger }) {
    const { issuer, audience, lifetime, ...given } = settings as unknown as SettingsOf<typeof TokenSettings>;
    const folder = join(dataFolder, "tokens");
    const keySet = new TokenKeySet();
    const revocations = new Revocations();
    const followers: IssuerFollower[] = [];
    const verifying = tokenVerifier({ keys: keySet, issuer, audience, revocations, clock });
    let followed = false;

    /** Looked after by the process that issues: it turns the ring, and takes over what another one did with the file. */
    const openRing = async (): Promise<TokenKeyRing> => {
      const { algorithm, rotateEvery, publishAhead } = given;
      const rules = { rotateEveryMs: rotateEvery, publishAheadMs: publishAhead, keepMs: lifetime + skewMs };
      const ring = await openTokenKeyRing({ folder, algorithm, rules, clock });
      const source: IssuerSource = {
        async keys() {
          await ring.turn();
          return ring.publicKeys();
        },
        revocations: async (after) => ({ revocations: [], last: after }),
      };
      const everyMs = Math.min(turnEveryMs, publishAhead / 2);
      const options = { source, keySet, revocations, logger, clock, everyMs, keysEveryMs: 0 };
      const follower = new IssuerFollower(options);
      followers.push(follower);
      await follower.start();
      return ring;
    };
    let ring: Promise<TokenKeyRing> | undefined;
    const theRing = (): Promise<TokenKeyRing> => (ring ??= openRing());
    let signing: TokenKeyRing | undefined;
    const issuing = tokenIssuer({
      keys: () => (signing as TokenKeyRing).signing(),
      issuer,
      audience,
      lifetimeMs: lifetime,
      clock,
    });
    let following: IssuerFollower | undefined;

    const value: Tokens = {
      lifetimeMs: lifetime,
      revocations,
      async issue(claims) {
        signing = await theRing();
        return issuing.issue(claims);
      },
      async verify(token) {
        if (followed) following?.requireFresh();
        else if (!keySet.loaded) await theRing();
        return verifying.verify(token);
      },
      publicKeys: async () => (await theRing()).publicKeys(),
      refreshCodec: async () => refreshTokenCodec(await loadOrCreateSecret(join(folder, "token-keys.json.refresh"))),
      follow(source) {
        followed = true;
        const { follow: everyMs, maxSilence: maxSilenceMs, publishAhead } = given;
        const keysEveryMs = Math.min(turnEveryMs, publishAhead / 2);
        const options = { source, keySet, revocations, logger, clock, everyMs, keysEveryMs, maxSilenceMs };
        following = new IssuerFollower(options);
        followers.push(following);
        return following;
      },
    };
    const close = (): void => {
      for (const follower of followers) follower.stop();
    };
    return { value, close };
  },
};
