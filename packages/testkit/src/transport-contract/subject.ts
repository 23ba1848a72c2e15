import type { Transport } from "@sampan/core/ports";

/**
 * A transport under test, fresh for each test. The suite brings the services, the runtimes and their clock, which stands
 * still: a transport takes the time of a call from `call.runtime.clock` and `dispatcher.runtime.clock`, and so must
 * express deadlines on the wire as what is left of them.
 */
export interface TransportSubject {
  /** Listens, once for each of two servers. */
  readonly server: Transport;
  /** Connects to the addresses of those listeners. The same object as `server` where that suits. */
  readonly client: Transport;
  /** Resolves when what is under way has most likely arrived. Default: one turn of the event loop. */
  readonly quiet?: () => Promise<void>;
  /** Called after both transports are closed. */
  readonly close?: () => Promise<void>;
}

/** In what transports may differ. */
export interface TransportTraits {
  /** How many bytes a sender may be ahead of its reader in buffers and windows. Default 0. */
  readonly bufferBytes?: number;
  /** False when the transport moves messages without knowing their size. Default true. */
  readonly limitsMessages?: boolean;
}

export interface SubjectOptions {
  /** The size limit of one message, on both sides. */
  readonly maxMessageBytes: number;
}

export type TransportFactory = (options: SubjectOptions) => TransportSubject | Promise<TransportSubject>;
