// The list of convolution algorithms. Adding one takes its file and its line here. Of equal
// costs the first one is chosen.

import type { ConvAlgorithm } from "../algorithm.ts";
import { direct } from "./direct.ts";
import { fewChannels } from "./few_channels.ts";
import { implicitGemm } from "./implicit_gemm.ts";
import { simdPointwise } from "./simd/products.ts";
import { simdRgb } from "./simd/rgb.ts";
import { simd } from "./simd/simd.ts";
import { simdStride2 } from "./simd/stride2.ts";
import { simdWinograd } from "./simd/winograd.ts";
import { winogradFused } from "./winograd_fused.ts";
import { winogradLines } from "./winograd_lines.ts";
import { widened } from "./widened.ts";
import { winograd2, winograd4, winogradCached } from "./winograd.ts";

/** Every algorithm, in the order in which equally cheap ones are preferred. */
export const ALGORITHMS: readonly ConvAlgorithm[] = [
  fewChannels,
  implicitGemm,
  winograd2,
  winograd4,
  winogradFused,
  winogradLines,
  simdPointwise,
  simdWinograd,
  simdStride2,
  simdRgb,
  winogradCached,
  simd,
  widened,
  direct,
];
