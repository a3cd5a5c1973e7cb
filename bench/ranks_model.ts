// The arithmetic of training by several ranks: what an exchange of gradients takes on a
// network, and how a step scales with the number of GPUs.

/** What an exchange moves, and how fast. */
export interface ExchangeRates {
  /** Bytes of gradients. */
  readonly bytes: number;
  /** Bytes per second from the device to the host, and back. */
  readonly host: number;
  /** Bits per second of the network, each way. */
  readonly network: number;
  /** Seconds for one message. */
  readonly latency: number;
}

/** Bytes that are read, sent and written at once. */
const CHUNK = 4 * 2 ** 20;

/**
 * Seconds of a ring over R ranks: each sends and receives 2 (R - 1) / R of the bytes, in
 * 2 (R - 1) messages for each chunk.
 */
export function ringSeconds(
  { bytes, network, latency }: Omit<ExchangeRates, "host">,
  ranks: number,
): number {
  const chunks = Math.ceil(bytes / CHUNK);
  const sent = 2 * (ranks - 1) / ranks * bytes;
  return 8 * sent / network + 2 * (ranks - 1) * latency * chunks;
}

/** Seconds that Deno waits for a device, at least. */
export const WAIT = 0.01;

/**
 * Seconds of an exchange: Deno waits for the device and all of the copies from it, and then
 * writes beside the network, so that the longer of both counts, and the last chunk.
 */
export function exchangeSeconds(rates: ExchangeRates, ranks: number): number {
  const copies = rates.bytes / rates.host;
  const last = Math.min(CHUNK, rates.bytes) / rates.host;
  return WAIT + copies + Math.max(copies, ringSeconds(rates, ranks)) + last;
}

/** How a step scales, with 1 for perfect. */
export interface Scaling {
  readonly ranks: number;
  readonly exchange: number;
  /** The part of a step that the exchange is, where each rank has a whole batch. */
  readonly share: number;
  /** How many times as many images per second, where each rank has a whole batch. */
  readonly weak: number;
  /** The same where the ranks share one batch. */
  readonly strong: number;
}

/** The scaling of a step that takes so many seconds on one GPU. */
export function scalingOf(
  rates: ExchangeRates,
  { seconds, ranks }: { readonly seconds: number; readonly ranks: number },
): Scaling {
  const exchange = exchangeSeconds(rates, ranks);
  return {
    ranks,
    exchange,
    share: exchange / (seconds + exchange),
    weak: ranks * seconds / (seconds + exchange),
    strong: seconds / (seconds / ranks + exchange),
  };
}
