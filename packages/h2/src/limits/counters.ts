/**
 * What an operator can read. One record is shared by all connections of a listener or channel; the engine only ever
 * adds to it. Everything below `Attacks` stays at 0 with honest peers.
 */
export interface Counters {
  connectionsOpened: number;
  connectionsClosed: number;
  streamsOpened: number;
  streamsClosed: number;
  /** Header blocks answered from the memo. */
  memoHits: number;
  memoMisses: number;
  goawaysSent: number;
  goawaysReceived: number;
  resetsReceived: number;
  resetsSent: number;
  /** Streams above MAX_CONCURRENT_STREAMS, answered REFUSED_STREAM. */
  streamsRefused: number;
  /** RST_STREAM, WINDOW_UPDATE, DATA or HEADERS for streams that are gone: tolerated. */
  lateFrames: number;
  /** Octets of DATA on streams that are gone, credited back to the connection. */
  lateOctets: number;
  /** 1xx responses that a client has dropped. */
  informational: number;
  idleClosed: number;
  agedClosed: number;
  drainsForced: number;

  // Failures of the peer or the network.
  handshakeTimeouts: number;
  settingsTimeouts: number;
  keepaliveTimeouts: number;
  protocolErrors: number;
  compressionErrors: number;
  flowControlErrors: number;
  frameSizeErrors: number;
  /** Malformed messages, including smuggling through pseudo-header fields and content-length. */
  malformedMessages: number;
  /** Connections that `admit` did not let in, and open ones whose certificate stopped being believed. */
  peersRefused: number;

  // Attacks: each closed a connection or reset a stream.
  rapidResets: number;
  madeYouResets: number;
  continuationFloods: number;
  oversizedHeaderLists: number;
  controlFloods: number;
  controlQueueOverflows: number;
  pingStrikes: number;
  stalledStreams: number;
  stalledTransports: number;
  sendQueueOverflows: number;
  receiveBudgetRefusals: number;
}

export function createCounters(): Counters {
  return {
    connectionsOpened: 0,
    connectionsClosed: 0,
    streamsOpened: 0,
    streamsClosed: 0,
    memoHits: 0,
    memoMisses: 0,
    goawaysSent: 0,
    goawaysReceived: 0,
    resetsReceived: 0,
    resetsSent: 0,
    streamsRefused: 0,
    lateFrames: 0,
    lateOctets: 0,
    informational: 0,
    idleClosed: 0,
    agedClosed: 0,
    drainsForced: 0,
    handshakeTimeouts: 0,
    settingsTimeouts: 0,
    keepaliveTimeouts: 0,
    protocolErrors: 0,
    compressionErrors: 0,
    flowControlErrors: 0,
    frameSizeErrors: 0,
    malformedMessages: 0,
    peersRefused: 0,
    rapidResets: 0,
    madeYouResets: 0,
    continuationFloods: 0,
    oversizedHeaderLists: 0,
    controlFloods: 0,
    controlQueueOverflows: 0,
    pingStrikes: 0,
    stalledStreams: 0,
    stalledTransports: 0,
    sendQueueOverflows: 0,
    receiveBudgetRefusals: 0,
  };
}
