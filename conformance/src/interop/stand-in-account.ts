import {
  createHash,
  createPublicKey,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Holder } from "./test-service.js";

/** What the account may do, and the only thing it is asked for. */
export const oauthScope = "https://www.googleapis.com/auth/interop.test";
export const email = "interop@sampan.iam.gserviceaccount.com";

/**
 * Stands in for a cloud: the endpoint where a service account trades a signed assertion for a token (RFC 7523), and the
 * metadata server that gives a machine its token. Neither leaves this machine; the key lives as long as the run.
 */
export class StandInAccount {
  private readonly key: KeyObject;
  private readonly server: Server;
  /** Digests of the tokens that were given out. */
  private readonly given: Set<string> = new Set();

  private constructor(key: KeyObject) {
    this.key = key;
    this.server = createServer((request, response) => {
      this.answer(request).then(
        (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  }

  /** Writes the account's key file to `path` and starts to answer. */
  static async start(path: string): Promise<StandInAccount> {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const account = new StandInAccount(createPublicKey(publicKey));
    await new Promise<void>((resolve) => account.server.listen(0, "127.0.0.1", resolve));
    const file = {
      type: "service_account",
      client_email: email,
      private_key_id: "stand-in",
      private_key: privateKey,
      token_uri: `http://${account.host}/token`,
    };
    await writeFile(path, JSON.stringify(file), { mode: 0o600 });
    return account;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whose token, or assertion signed by himself, an `authorization` carries. */
  authorize(authorization: string): Holder | undefined {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? "";
    if (this.given.has(digest(token))) return { username: email, oauthScope };
    const claims = this.claimsOf(token);
    return claims?.iss === email ? { username: email, oauthScope: "" } : undefined;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage): Promise<object> {
    const { pathname } = new URL(request.url ?? "/", "http://stand-in");
    if (pathname === "/token") {
      const assertion = new URLSearchParams(await read(request)).get("assertion") ?? "";
      const claims = this.claimsOf(assertion);
      if (claims?.iss !== email) throw new Error("the assertion is not signed by the account");
      return this.token();
    }
    const isMachine = request.headers["metadata-flavor"] === "Google";
    if (isMachine && pathname.endsWith("/service-accounts/default/token")) return this.token();
    throw new Error(`nothing is known about ${pathname}`);
  }

  private token(): object {
    const token = randomBytes(24).toString("base64url");
    this.given.add(digest(token));
    return { access_token: token, token_type: "Bearer", expires_in: 3600, scope: oauthScope };
  }

  /** The claims of a JWT that the account has signed. */
  private claimsOf(jwt: string): { readonly iss?: string } | undefined {
    const [head = "", claims = "", signature = ""] = jwt.split(".");
    const verify = createVerify("RSA-SHA256").update(`${head}.${claims}`);
    if (!verify.verify(this.key, signature, "base64url")) return undefined;
    return JSON.parse(Buffer.from(claims, "base64url").toString()) as { iss?: string };
  }
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
