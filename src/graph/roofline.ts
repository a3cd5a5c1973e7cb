// The least time that a program can take on a card, by the roofline model: each dispatch
// takes as long as its arithmetic at the card's peak, or as its traffic at the card's
// bandwidth, whichever is longer (Williams, Waterman and Patterson, "Roofline: an
// insightful visual performance model for multicore architectures", 2009). It is a bound
// and a prediction: kernels reach a share of the peak, caches save traffic, and launches
// take time of their own.

import type { Program } from "../gpu/program.ts";
import { trafficOf } from "./cost.ts";

/** What a vendor's public table says of a card. */
export interface Card {
  readonly name: string;
  /** Trillions of f32 operations a second outside of matrix units, which WGSL has not. */
  readonly teraflops: number;
  /** Billions of bytes a second between its memory and its processors. */
  readonly gigabytes: number;
}

/** Cards by their vendors' data sheets: peak in single precision, and bandwidth. */
export const CARDS: readonly Card[] = [
  { name: "NVIDIA H200", teraflops: 67, gigabytes: 4800 },
  { name: "NVIDIA H100 SXM", teraflops: 67, gigabytes: 3350 },
  { name: "NVIDIA A100 80GB SXM", teraflops: 19.5, gigabytes: 2039 },
  { name: "NVIDIA RTX 4090", teraflops: 82.6, gigabytes: 1008 },
  { name: "NVIDIA RTX 3090", teraflops: 35.6, gigabytes: 936 },
  { name: "AMD MI250X (one die)", teraflops: 23.9, gigabytes: 1638 },
  { name: "AMD RX 7900 XTX", teraflops: 61.4, gigabytes: 960 },
  { name: "Intel Arc A770", teraflops: 17.2, gigabytes: 560 },
  { name: "Apple M2 Max", teraflops: 13.6, gigabytes: 400 },
];

/** The least time of a run of a program. */
export interface Roofline {
  readonly seconds: number;
  /** The part of `seconds` in dispatches that are bound by arithmetic, from 0 to 1. */
  readonly arithmetic: number;
}

/** The least time that a run of the program takes on a card. */
export function rooflineOf(
  { blocks }: Program,
  { teraflops, gigabytes }: Pick<Card, "teraflops" | "gigabytes">,
): Roofline {
  let bound = 0, seconds = 0;
  for (const { repeat, dispatches } of blocks) {
    for (const dispatch of dispatches) {
      const { flops = 0, arithmetic = flops } = dispatch;
      const computing = repeat * arithmetic / (teraflops * 1e12);
      const moving = repeat * trafficOf(dispatch) / (gigabytes * 1e9);
      seconds += Math.max(computing, moving);
      if (computing > moving) bound += computing;
    }
  }
  return { seconds, arithmetic: seconds > 0 ? bound / seconds : 0 };
}
