import { type KeyObject, X509Certificate } from "node:crypto";
import { type Call, type Clock, RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { MiniProgramErrors } from "../../errors.js";
import type { HttpAnswer } from "../../http-endpoint.js";
import { type JsonObject, objectOf as jsonObjectOf, objectField, textField } from "../../json-fields.js";
import type { SecretText } from "../../secret-text.js";
import { objectOf } from "./merchant-api.js";
import type { PlatformKeySource } from "./platform-keys.js";
import { checkPlatformSignature, signatureOf } from "./platform-signature.js";
import { openResource } from "./sealed-resource.js";
import type { SignedRequests } from "./signed-requests.js";

interface PlatformCertificate {
  readonly serial: string;
  readonly key: KeyObject;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validUntil: number;
}

/** The platform asks for at most 12 hours; a new certificate is served for days before the old one ends. */
const refreshMs = 12 * 3_600_000;
/** Between two downloads, whatever is asked for: callbacks with made-up serials must not become requests. */
const spacingMs = 60_000;

/**
 * The platform's certificates, downloaded when a serial is not known, and again every 12 hours while they are used.
 * During a rotation there are several. Each is sealed with the merchant's APIv3 key, which is what vouches for the
 * first; the answer as a whole must then be signed by one of them, or by a key that was known before.
 */
export class PlatformCertificates implements PlatformKeySource {
  readonly #requests: Pick<SignedRequests, "send">;
  readonly #apiV3Key: Buffer;
  readonly #known: ReadonlyMap<string, KeyObject>;
  readonly #secrets: SecretText;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #certificates: ReadonlyMap<string, PlatformCertificate> = new Map();
  #triedAt = Number.NEGATIVE_INFINITY;
  #downloadedAt = Number.NEGATIVE_INFINITY;
  #download: Promise<void> | undefined;

  constructor(
    requests: Pick<SignedRequests, "send">,
    keys: { readonly apiV3Key: Buffer; readonly platformKeys: ReadonlyMap<string, KeyObject> },
    secrets: SecretText,
    clock: Clock,
    logger: Logger,
  ) {
    this.#requests = requests;
    this.#apiV3Key = keys.apiV3Key;
    this.#known = keys.platformKeys;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#logger = logger;
  }

  async find(serial: string, call?: Call): Promise<KeyObject | undefined> {
    const known = this.#known.get(serial);
    // A public key id is no certificate: it is configured, or nobody's.
    if (known !== undefined || serial.startsWith("PUB_KEY_ID_")) return known;
    const now = this.#clock.now();
    const certificate = this.#usable(serial);
    const mayTry = now - this.#triedAt >= spacingMs;
    if (certificate === undefined && (mayTry || this.#download !== undefined)) {
      await this.#refresh(call);
      return this.#usable(serial)?.key;
    }
    if (now - this.#downloadedAt >= refreshMs && mayTry) {
      this.#refresh().catch((error) => {
        this.#logger.warn("the platform's certificates were not refreshed; the old ones are used until they expire", {
          reason: RpcError.from(error).reason,
        });
      });
    }
    return certificate?.key;
  }

  #usable(serial: string): PlatformCertificate | undefined {
    const certificate = this.#certificates.get(plainSerial(serial));
    const now = this.#clock.now();
    return certificate !== undefined && certificate.validFrom <= now && now < certificate.validUntil
      ? certificate
      : undefined;
  }

  /** One download for all who wait. It belongs to no call, so that the first caller's abort does not fail the others. */
  #refresh(call?: Call): Promise<void> {
    this.#download ??= this.#fetch().finally(() => (this.#download = undefined));
    const download = this.#download;
    if (call === undefined) return download;
    return new Promise((resolve, reject) => {
      call.onAbort(reject);
      download.then(resolve, reject);
    });
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.#clock.now();
    const accept = async (answer: HttpAnswer): Promise<ReadonlyMap<string, PlatformCertificate>> => {
      const { data } = objectOf(answer, this.#secrets);
      if (!Array.isArray(data) || data.length === 0) throw invalid("no certificates");
      const found = new Map<string, PlatformCertificate>();
      for (const entry of data) {
        const certificate = this.#open(jsonObjectOf(entry));
        found.set(certificate.serial, certificate);
      }
      const certificates = new Map([...this.#certificates, ...found]);
      const keys: PlatformKeySource = {
        find: (serial) => Promise.resolve(this.#known.get(serial) ?? certificates.get(plainSerial(serial))?.key),
      };
      const signature = signatureOf(answer.headers);
      if (signature === undefined) throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: "no signature" });
      const verdict = await checkPlatformSignature(signature, answer.body, keys, this.#clock.now());
      if (verdict !== "valid") throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: verdict });
      return found;
    };
    this.#certificates = await this.#requests.send({ method: "GET", path: "/v3/certificates" }, accept);
    this.#downloadedAt = this.#clock.now();
  }

  #open(entry: JsonObject | undefined): PlatformCertificate {
    const pem = openResource(objectField(entry, "encrypt_certificate"), this.#apiV3Key);
    if (pem === undefined) throw invalid("a certificate that does not decrypt");
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      throw invalid("a certificate that is none");
    }
    const { publicKey } = certificate;
    const serial = plainSerial(certificate.serialNumber);
    if (serial !== plainSerial(textField(entry, "serial_no") ?? "")) {
      throw invalid("a certificate of another serial");
    }
    if (publicKey.asymmetricKeyType !== "rsa") throw invalid("a certificate without an RSA key");
    return {
      serial,
      key: publicKey,
      validFrom: Date.parse(certificate.validFrom),
      validUntil: Date.parse(certificate.validTo),
    };
  }
}

/** Serials are numbers: some write them with leading zeros, or in small letters. */
function plainSerial(text: string): string {
  return text.toUpperCase().replace(/^0+/, "");
}

function invalid(why: string): Error {
  return MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why });
}
