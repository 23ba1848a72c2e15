import { constants, type X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, Server, TlsOptions } from "node:tls";
import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Listener, Peer } from "@sampan/h2";
import {
  type CertificatePems,
  type CertificateSource,
  defaultDrainMs,
  type ServerTls,
  sourceOf,
} from "./credentials.js";
import { leadsTo, lifeOf, readAuthorities } from "./peer-chain.js";
import { certificateExpired, judged, Vouching } from "./vouching.js";

/** What a listener's connection can be told. */
export interface LeavingConnection {
  /** No new calls. */
  leave(): void;
  /** No calls at all. */
  end(why: string): void;
}

/** A listener's side of TLS: what it shows, whom it lets in, and for how long. */
export class ServerCredentials {
  /** Clients have to show a certificate. */
  readonly asks: boolean;
  private readonly tls: ServerTls;
  private readonly source: CertificateSource;
  private readonly logger: Logger;
  private readonly vouching: Vouching;
  private pems: CertificatePems;
  /** Undefined for those that Node trusts. */
  private authorities: readonly X509Certificate[] | undefined;
  private listener: Listener | undefined = undefined;
  private unwatch: () => void = () => {};

  constructor(tls: ServerTls, clock: Clock, logger: Logger) {
    this.tls = tls;
    this.asks = tls.requireClientCertificate === true || tls.checkClient !== undefined;
    this.source = sourceOf(tls.certificates);
    this.logger = logger;
    this.vouching = new Vouching(tls.drainMs ?? defaultDrainMs, clock);
    this.pems = this.source.current();
    this.authorities = authoritiesOf(this.pems);
  }

  options(): TlsOptions {
    const { asks } = this;
    return {
      minVersion: "TLSv1.2",
      ...this.pems,
      requestCert: asks,
      rejectUnauthorized: asks,
      // A resumed session brings the client's certificate as it was judged then, and without those above it.
      ...(asks ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
    };
  }

  /** Takes new certificates for the listener's next connections, and judges the open ones again. */
  follow(listener: Listener): void {
    this.listener = listener;
    this.unwatch = this.source.watch(() => this.reload());
    if (this.source.current() !== this.pems) this.reload();
  }

  /** Whether a new connection may be served. */
  admit(peer: Peer): boolean {
    if (!this.asks) return true;
    const certificate = peer.certificate();
    const why = certificate === undefined ? new Error("it has shown none") : this.refusal(certificate);
    if (why !== undefined) {
      this.logger.warn("a client's certificate was refused", { address: peer.address, error: why });
    }
    return why === undefined;
  }

  /** Watches over an open connection; what it gives is to be called when that is gone. */
  vouch(peer: Peer, identity: string, connection: LeavingConnection): () => void {
    const certificate = this.asks ? peer.certificate() : undefined;
    if (certificate === undefined) return () => {};
    const vouched = {
      life: lifeOf(certificate),
      refusal: () => {
        const shown = peer.certificate();
        return shown && this.refusal(shown);
      },
      onRefused: (why: Error) => {
        this.report(why, { address: peer.address, identity });
        connection.leave();
      },
      onTimeUp: () => connection.end("the client's certificate does not count any longer"),
    };
    this.vouching.add(vouched);
    return () => this.vouching.remove(vouched);
  }

  /** Takes no more changes; open connections still end with the certificates of their clients. */
  stop(): void {
    this.unwatch();
  }

  close(): void {
    this.unwatch();
    this.vouching.close();
  }

  private refusal(certificate: DetailedPeerCertificate): Error | undefined {
    if (this.authorities !== undefined && !leadsTo(certificate, this.authorities)) {
      return new Error("no authority of today has signed its certificate");
    }
    return judged(() => this.tls.checkClient?.(certificate));
  }

  private reload(): void {
    try {
      const pems = this.source.current();
      const authorities = authoritiesOf(pems);
      (this.listener?.server as Server | undefined)?.setSecureContext({ ...this.options(), ...pems });
      this.pems = pems;
      this.authorities = authorities;
    } catch (error) {
      this.logger.error("new certificates cannot be used; the listener goes on with the old ones", { error });
    }
    this.vouching.recheck();
  }

  private report(why: Error, who: { readonly address: string; readonly identity: string }): void {
    if (why === certificateExpired) {
      this.logger.info("a connection ends with its client's certificate", who);
      return;
    }
    if (this.listener !== undefined) this.listener.counters.peersRefused++;
    this.logger.warn("a client is refused from now on", { ...who, error: why });
  }
}

function authoritiesOf({ ca }: CertificatePems): readonly X509Certificate[] | undefined {
  return ca === undefined ? undefined : readAuthorities(ca);
}
