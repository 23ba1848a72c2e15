import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/**
 * What a hash costs: memory is 128 · 2^logN · r bytes, and time grows with all three.
 *
 * scrypt, because it is the memory-hard function that Node 20 has (argon2 came with Node 24.7); the parameters are a
 * recommendation of the OWASP Password Storage Cheat Sheet (2^17, 8, 1: 128 MiB).
 */
export interface HashCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export const defaultHashCost: HashCost = { logN: 17, r: 8, p: 1 };

const saltBytes = 16;
const hashBytes = 32;
/** Of what is read from a store: a row that says more would stop the process. */
const maxMemoryBytes = 512 * 1024 * 1024;

/** `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, the PHC string format: the parameters are stored with every hash. */
export async function hashPassword(password: string, cost: HashCost = defaultHashCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

export interface Verdict {
  readonly matches: boolean;
  /** The hash is not of today's cost: store a new one while the password is known. */
  readonly outdated: boolean;
}

/** In a time that does not depend on where the two differ. Throws `TypeError` for what is no hash of ours. */
export async function checkPassword(
  password: string,
  stored: string,
  cost: HashCost = defaultHashCost,
): Promise<Verdict> {
  const found = form.exec(stored);
  if (found === null) throw new TypeError("a stored password hash is damaged");
  const [logN, r, p] = [Number(found[1]), Number(found[2]), Number(found[3])] as const;
  const salt = Buffer.from(found[4] as string, "base64");
  const expected = Buffer.from(found[5] as string, "base64");
  const actual = await derive(password, salt, { logN, r, p });
  const matches = actual.length === expected.length && timingSafeEqual(actual, expected);
  return { matches, outdated: logN !== cost.logN || r !== cost.r || p !== cost.p };
}

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

/** On the thread pool: the event loop goes on. The same password typed on two keyboards is one (NFKC). */
function derive(password: string, salt: Buffer, { logN, r, p }: HashCost): Promise<Buffer> {
  const memory = 128 * 2 ** logN * r;
  if (logN < 1 || memory > maxMemoryBytes)
    return Promise.reject(new TypeError("a password hash costs too much memory"));
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: memory + 128 * r * p + 1_048_576 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, hashBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
