import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { selfSigned } from "../certificate.js";
import type { StandinContext } from "../context.js";
import type { PlatformCertificate } from "../state/pay-events.js";

export interface Signer {
  /** What `Wechatpay-Serial` says. */
  readonly serial: string;
  readonly key: KeyObject;
}

/** As the real platform's: five years. */
const certificateLifeMs = 5 * 365 * 86_400_000;
const dayMs = 86_400_000;

const newKeyPair = promisify(generateKeyPair);

/** The platform's keys: its public key, and its certificates, of which there are several while they are rotated. */
export class PlatformSigners {
  readonly publicKey: Signer;
  readonly #context: StandinContext;
  readonly #parsed = new Map<string, KeyObject>();
  #callbacks = 0;

  constructor(context: StandinContext) {
    this.#context = context;
    const [publicKey, first] = context.keys.platform;
    if (publicKey === undefined || first === undefined)
      throw new Error("a stand-in has a public key and a certificate");
    this.publicKey = { serial: publicKey.serial, key: createPrivateKey(publicKey.privateKey) };
    const { store, signingClock } = context;
    if (store.state.pay.certificates.some(({ serial }) => serial === first.serial)) return;
    // Of yesterday, so that a merchant whose clock is a little late takes it.
    this.#commit(first.serial, createPrivateKey(first.privateKey), signingClock.now() - dayMs, certificateLifeMs);
  }

  /** What is served now: everything that has not expired, the one that takes over next included. */
  certificates(): readonly PlatformCertificate[] {
    const now = this.#context.signingClock.now();
    return this.#context.store.state.pay.certificates.filter(({ expiresAt }) => expiresAt > now);
  }

  /** The newest that is in effect; the first one when, after years, none is. */
  certificate(): Signer {
    const now = this.#context.signingClock.now();
    const all = this.#context.store.state.pay.certificates;
    const usable = all.filter(({ effectiveAt, expiresAt }) => effectiveAt <= now && now < expiresAt);
    return this.#signer((usable.at(-1) ?? all[0]) as PlatformCertificate);
  }

  /** A new certificate, which signs from `effectiveAt` on. */
  async rotate(effectiveAt: number, lifeMs: number = certificateLifeMs): Promise<PlatformCertificate> {
    const { privateKey } = await newKeyPair("rsa", { modulusLength: 2048 });
    return this.#commit(randomBytes(20).toString("hex").toUpperCase(), privateKey, effectiveAt, lifeMs);
  }

  /** Who signs the answer to a request that carries this `Wechatpay-Serial`; undefined when it names nobody. */
  forAnswer(asked: string | undefined): Signer | undefined {
    const { answers } = this.#context.store.state.pay.signing;
    if (answers === "certificate") return this.certificate();
    if (answers === "public-key" || asked === undefined || asked === this.publicKey.serial) return this.publicKey;
    const certificate = this.certificates().find(({ serial }) => serial === asked.toUpperCase());
    return certificate === undefined ? undefined : this.#signer(certificate);
  }

  forCallback(): Signer {
    const { callbacks } = this.#context.store.state.pay.signing;
    const byCertificate = callbacks === "certificate" || (callbacks === "alternate" && this.#callbacks++ % 2 === 1);
    return byCertificate ? this.certificate() : this.publicKey;
  }

  #commit(serial: string, key: KeyObject, effectiveAt: number, lifeMs: number): PlatformCertificate {
    // Whole seconds, as in the certificate.
    const validFrom = Math.ceil(effectiveAt / 1000) * 1000;
    const validUntil = validFrom + lifeMs;
    const certificate = {
      serial,
      certificate: selfSigned(key, { serial, commonName: "Stand-in platform", validFrom, validUntil }),
      privateKey: key.export({ type: "pkcs8", format: "pem" }) as string,
      effectiveAt: validFrom,
      expiresAt: validUntil,
    };
    this.#context.store.commit({ type: "platform-certificate", ...certificate });
    return certificate;
  }

  #signer({ serial, privateKey }: PlatformCertificate): Signer {
    let key = this.#parsed.get(serial);
    if (key === undefined) this.#parsed.set(serial, (key = createPrivateKey(privateKey)));
    return { serial, key };
  }
}
