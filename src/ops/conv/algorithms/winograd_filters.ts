// Filters as Winograd's method multiplies with them. It is an operation of its own, so
// that an attack, whose weights do not change, transforms them once, before its loop.

import { linearGrid } from "../../../gpu/program.ts";
import type { Op } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import { paddedChannels } from "../padded_channels.ts";
import { matricesOf, type TileSide, winogradKernel } from "./winograd_tiles.ts";

/** How filters are transformed. */
export interface WinogradFiltersParams {
  readonly tile: TileSide;
  /** Whether taps are taken in reverse order, for an input gradient. */
  readonly rotated: boolean;
}

/** Weights (3, 3, C, K) as ((tile + 2)^2, C, K), channels padded. */
export const winogradFiltersOp: Op<WinogradFiltersParams> = {
  name: "winograd_filters",
  half: true,

  infer([w], { tile }) {
    const [, , C, K] = w!.shape as [number, number, number, number];
    return [f32([matricesOf(tile), paddedChannels(C), paddedChannels(K)])];
  },

  lower({ inputs: [w], outputs: [u] }, { tile, rotated }) {
    const [, , C, K] = w!.shape as [number, number, number, number];
    const padded = { padded_C: paddedChannels(C), padded_K: paddedChannels(K) };
    return [{
      label: `winograd filters F${tile}`,
      kernel: winogradKernel("winograd_filters", { tile, stored: w! }),
      reads: [w!],
      writes: [u!],
      arguments: { C, K, ...padded, rotated: Number(rotated) },
      workgroups: linearGrid(padded.padded_C * padded.padded_K, 64),
    }];
  },
};
