import type { X509Certificate } from "node:crypto";
import type { ConnectionOptions, DetailedPeerCertificate } from "node:tls";
import { type Clock, silentLogger } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Peer } from "@sampan/h2";
import type { Target } from "../wire/target.js";
import {
  type CertificatePems,
  type CertificateSource,
  type ClientTls,
  defaultDrainMs,
  sourceOf,
} from "./credentials.js";
import { leadsTo, lifeOf, readAuthorities } from "./peer-chain.js";
import { judged, Vouching } from "./vouching.js";

/** What a channel's connection hears about its server's certificate. */
export interface VouchedConnection {
  /** It has little life left. */
  onAgeing(): void;
  /** It does not count any longer: no new calls. */
  onRefused(why: string): void;
  /** No calls at all. */
  onTimeUp(why: string): void;
}

/** A channel's side of TLS: what it shows, and which servers it believes for how long. */
export class ChannelCredentials {
  /** Grows when there is another certificate to show: connections of an earlier one are to be replaced. */
  version = 0;
  private readonly tls: ClientTls;
  private readonly source: CertificateSource;
  /** Undefined for addresses. */
  private readonly serverName: string | undefined;
  private readonly vouching: Vouching;
  private readonly renewed: () => void;
  private readonly logger: Logger;
  private readonly unwatch: () => void;
  private pems: CertificatePems = {};
  /** Undefined for those that Node trusts. */
  private authorities: readonly X509Certificate[] | undefined = undefined;

  /** `renewed` is called when `version` has grown. */
  constructor(tls: ClientTls, target: Target, clock: Clock, renewed: () => void, logger: Logger = silentLogger) {
    this.tls = tls;
    this.serverName = tls.serverName ?? (target.kind === "dns" ? target.host : undefined);
    this.renewed = renewed;
    this.logger = logger;
    this.source = sourceOf(tls.certificates ?? {});
    this.vouching = new Vouching(tls.drainMs ?? defaultDrainMs, clock);
    this.take();
    this.unwatch = this.source.watch(() => this.reload());
  }

  /** Whether servers see a certificate. */
  get shows(): boolean {
    return this.pems.cert !== undefined;
  }

  /** What Node needs to connect, with the certificates of this moment. */
  options(): ConnectionOptions {
    if (this.take()) this.renewed();
    const { serverName } = this;
    const { checkServer } = this.tls;
    return {
      ...this.pems,
      ...(serverName === undefined ? {} : { servername: serverName }),
      // Node gives all that it has, whatever its type says.
      ...(checkServer && {
        checkServerIdentity: (host, certificate) => checkServer(host, certificate as DetailedPeerCertificate),
      }),
    };
  }

  /** Watches over an open connection to an address; what it gives is to be called when that is gone. */
  vouch(peer: Peer, host: string, connection: VouchedConnection): () => void {
    const certificate = peer.certificate();
    if (certificate === undefined) return () => {};
    const why = (error: Error): string => `the server's certificate is not accepted any longer: ${error.message}`;
    let refused = "";
    const vouched = {
      life: lifeOf(certificate),
      refusal: () => {
        const shown = peer.certificate();
        return shown && this.refusal(shown, host);
      },
      onAgeing: () => connection.onAgeing(),
      onRefused: (error: Error) => {
        refused = why(error);
        connection.onRefused(refused);
      },
      onTimeUp: () => connection.onTimeUp(refused),
    };
    this.vouching.add(vouched);
    return () => this.vouching.remove(vouched);
  }

  close(): void {
    this.unwatch();
    this.vouching.close();
  }

  private refusal(certificate: DetailedPeerCertificate, host: string): Error | undefined {
    if (this.authorities !== undefined && !leadsTo(certificate, this.authorities)) {
      return new Error("no authority of today has signed it");
    }
    return judged(() => this.tls.checkServer?.(this.serverName ?? (host || "localhost"), certificate));
  }

  private reload(): void {
    try {
      if (this.take()) this.renewed();
    } catch (error) {
      this.logger.error("new certificates cannot be used; connections go on with the old ones", { error });
    }
    this.vouching.recheck();
  }

  /** Takes what the source has now. True when there is another certificate to show. */
  private take(): boolean {
    const pems = this.source.current();
    const before = this.pems;
    if (pems === before) return false;
    if (pems.ca !== before.ca) this.authorities = pems.ca === undefined ? undefined : readAuthorities(pems.ca);
    this.pems = pems;
    if (String(pems.cert) === String(before.cert) && String(pems.key) === String(before.key)) return false;
    this.version++;
    return true;
  }
}
