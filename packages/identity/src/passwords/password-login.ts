import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Clock, detail, type RpcErrorOptions } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { BoundedWork } from "./bounded-work.js";
import { accountRules, addressRules, LockOut } from "./lock-out.js";
import { PasswordErrors } from "./password-errors.js";
import { checkPassword, defaultHashCost, type HashCost, hashPassword } from "./password-hash.js";
import { defaultPasswordLimits, type PasswordLimits, requireFit } from "./password-limits.js";

export interface PasswordsOptions {
  /** Where wrong passwords are counted. */
  readonly store: KeyValue;
  readonly clock: Clock;
  readonly cost?: HashCost;
  readonly limits?: PasswordLimits;
  /** Hashes at once, and those that may wait. Default 2 and 64. */
  readonly atOnce?: number;
  readonly maxWaiting?: number;
}

export interface PasswordTry {
  readonly account: string;
  readonly password: string;
  /** Where the try comes from; empty when nobody knows, and then only the account is counted. */
  readonly address: string;
  /** What is stored for the account; undefined when there is none, which takes as long. */
  readonly hash: string | undefined;
}

/**
 * Passwords of people who are few and powerful. Whether an account exists shows nowhere: not in the answer, not in its
 * time, and not in being locked, since names that nobody has are counted like others.
 */
export class Passwords {
  readonly #cost: HashCost;
  readonly #limits: PasswordLimits;
  readonly #work: BoundedWork;
  readonly #lockOut: LockOut;
  #dummy: Promise<string> | undefined;

  constructor(options: PasswordsOptions) {
    this.#cost = options.cost ?? defaultHashCost;
    this.#limits = options.limits ?? defaultPasswordLimits;
    this.#work = new BoundedWork(options.atOnce, options.maxWaiting);
    this.#lockOut = new LockOut(options.store, options.clock);
  }

  /** The hash of a new password. Rejects with `PASSWORD_UNFIT`. */
  async hash(password: string, account: string): Promise<string> {
    requireFit(password, account, this.#limits);
    return this.#work.run(() => hashPassword(password, this.#cost));
  }

  /**
   * Resolves when the password is the account's: to a new hash to be stored when the cost has changed, else to undefined.
   * Rejects with `LOGIN_REFUSED`, or with `LOGIN_LOCKED` without looking at the password.
   */
  async check({ account, password, address, hash }: PasswordTry): Promise<string | undefined> {
    const accountKey = `login/account/${digest(account)}`;
    const addressKey = address === "" ? undefined : `login/address/${digest(address)}`;
    const keys = addressKey === undefined ? [accountKey] : [accountKey, addressKey];
    const wait = await this.#lockOut.waitMs(keys);
    if (wait > 0) throw PasswordErrors.LOGIN_LOCKED({ seconds: String(Math.ceil(wait / 1000)) }, retryIn(wait));
    await this.#lockOut.count(accountKey, accountRules);
    if (addressKey !== undefined) await this.#lockOut.count(addressKey, addressRules);
    const fresh = await this.#work.run(() => this.#compare(password, hash));
    // The address is not forgotten: who has one account of their own must not try the others for nothing.
    await this.#lockOut.forget(accountKey);
    return fresh;
  }

  async #compare(password: string, hash: string | undefined): Promise<string | undefined> {
    // A password that could not have been set is hashed too, cut to length: refusing it sooner would cost nothing.
    const text = [...password].slice(0, this.#limits.max + 1).join("");
    this.#dummy ??= hashPassword("nobody's password", this.#cost);
    const { matches, outdated } = await checkPassword(text, hash ?? (await this.#dummy), this.#cost);
    if (!matches || hash === undefined) throw PasswordErrors.LOGIN_REFUSED();
    return outdated ? hashPassword(text, this.#cost) : undefined;
  }
}

/** Names are keys of a store with a limit on keys, and are nobody's business there. */
function digest(text: string): string {
  return createHash("sha256").update(text.normalize("NFKC").toLowerCase()).digest("base64url");
}

function retryIn(ms: number): RpcErrorOptions {
  const retryDelay = { seconds: BigInt(Math.ceil(ms / 1000)) };
  return { details: [detail(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }))] };
}
