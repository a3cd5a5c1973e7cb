// The device, the program's own commit, and a warning about work that takes long on a
// processor.

import { durationText, scaledText } from "../../base/amounts.ts";
import type { Experiment } from "../../config/experiment.ts";
import { gitCommit } from "../../runs/git_commit.ts";
import { Device, type DeviceOptions } from "../../gpu/device.ts";

/**
 * Floating-point operations per second and processor core that training reached on
 * Mesa's software adapter: 1.6e12 of them in 190 to 210 s of processor time.
 */
const SOFTWARE_RATE = 8e9;

/**
 * How much longer a training step of shapes/frpat took on Mesa's software adapter in half
 * precision: 0.80 s of processor time against 0.72.
 */
const SLOWER = 1.1;

/** Seconds from which a run without a GPU deserves a warning. */
const LONG = 1800;

/**
 * Opens the device.
 *
 * @throws {DeviceError} if there is none.
 */
export async function openDevice(options?: DeviceOptions): Promise<Device> {
  return await Device.open(options);
}

/** The commit of this program's checkout; null where it was installed otherwise. */
export async function ownCommit(): Promise<string | null> {
  const { dirname } = import.meta;
  return dirname === undefined ? null : await gitCommit(`${dirname}/../../..`);
}

/** A warning where half precision costs time and saves memory alone. */
export function precisionWarning(
  { adapter: { adapterClass, description } }: Pick<Device, "adapter">,
  { precision }: Pick<Experiment, "precision">,
): string | null {
  if (adapterClass !== "software" || precision === "f32") return null;
  return `Warning: ${description} runs on the processor, which has no arithmetic ` +
    `in half precision: it computes in f32, took about ${SLOWER} times as long ` +
    "as with precision=f32, and saved memory alone";
}

/** A warning where work of so many operations takes long without a GPU. */
export function softwareWarning(
  { adapter: { adapterClass, description } }: Pick<Device, "adapter">,
  { flops, cores }: { readonly flops: number; readonly cores: number },
): string | null {
  const rate = SOFTWARE_RATE * cores;
  const seconds = flops / rate;
  if (adapterClass !== "software" || seconds < LONG) return null;
  return `Warning: ${description} runs on the processor. At the ` +
    `${scaledText(rate)}FLOP/s to expect of ${cores} cores, the training ` +
    `steps alone take about ${durationText(seconds)}`;
}
