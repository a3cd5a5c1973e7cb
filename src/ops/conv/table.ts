// Which form of convolution was fastest where it was measured, by pass and shape:
// written by `deno task bench:forms --write` on the device that is named. A shape that
// is not here gets a form by arithmetic (`conv2d_estimate.ts`). A wrong entry costs
// time and nothing else.

import type { AdapterClass } from "../../gpu/device.ts";

/** What was measured on a device, for its class. */
export interface MeasuredForms {
  /** The device's name; null where nothing was measured yet. */
  readonly device: string | null;
  /** Names of forms, by pass and shape: `forward 3x3 64->64 at 32x32`. */
  readonly forms: Readonly<Record<string, string>>;
}

/** The fastest forms known. */
export const MEASURED: Readonly<Record<AdapterClass, MeasuredForms>> = {
  gpu: { device: null, forms: {} },
  software: { device: null, forms: {} },
};
