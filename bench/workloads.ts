// The work that is timed, W1 to W5: single kernels of 2.4 GFLOP, then a whole
// training step and a whole attack. F, a forward pass, is for peers that have no
// gradients. Sizes and random inputs are in `inputs.ts`, shared with the peers.

import type { Device } from "../src/gpu/device.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { bindConvolution } from "./convolution_workloads.ts";
import { flopsOf, W1, W2, W2B } from "./inputs.ts";
import { bindAttack, bindForward, bindStep } from "./network_workloads.ts";

/** Something to time. */
export interface Workload {
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** About how much arithmetic a run is; the bound program has the exact count. */
  readonly flops: number;
  /** Compiles it for a device, with its inputs in place. */
  bind(device: Device): Promise<BoundWorkload>;
}

/** Single kernels. */
export const KERNELS = [
  {
    name: "W1",
    title: "matrix product 1024 x 1024 x 1024",
    flops: flopsOf(W1),
    bind: (device: Device) => bindConvolution(device, W1, "forward"),
  },
  {
    name: "W2",
    title: "3x3 64->64 at 32x32, batch 32",
    flops: flopsOf(W2),
    bind: (device: Device) => bindConvolution(device, W2, "forward"),
  },
  {
    name: "W2b",
    title: "3x3 256->256 at 8x8, batch 32",
    flops: flopsOf(W2B),
    bind: (device: Device) => bindConvolution(device, W2B, "forward"),
  },
  {
    name: "W3 dX",
    title: "input gradient of W2",
    flops: flopsOf(W2),
    bind: (device: Device) => bindConvolution(device, W2, "input gradient"),
  },
  {
    name: "W3 dW",
    title: "weight gradient of W2",
    flops: flopsOf(W2),
    bind: (device: Device) => bindConvolution(device, W2, "weight gradient"),
  },
] as const satisfies readonly Workload[];

/** A network's passes, batch 64. */
export const STEPS = [
  { name: "F", title: "ResNet-8, forward", flops: 1.6e9, bind: bindForward },
  { name: "W4", title: "ResNet-8, training", flops: 4.7e9, bind: bindStep },
  { name: "W5", title: "ResNet-8, PGD-10", flops: 32e9, bind: bindAttack },
] as const satisfies readonly Workload[];

/** Every workload, in the order of the tables. */
export const WORKLOADS = [...KERNELS, ...STEPS] as const;

/** The name of a workload, such as "W2b". */
export type WorkloadName = typeof WORKLOADS[number]["name"];

/** The workload of that name. */
export function workload(name: WorkloadName): Workload {
  return WORKLOADS.find((workload) => workload.name === name)!;
}
