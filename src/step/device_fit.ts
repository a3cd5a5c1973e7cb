// Checks whether a program fits on a device, before a run starts. Devices limit the size of
// buffers and bindings, software adapters more than GPUs. WebGPU does not report the total
// memory.

import { bytesText } from "../base/amounts.ts";
import type { Capabilities } from "../gpu/device.ts";
import type { Dispatch, Program, View } from "../gpu/program.ts";
import type { Precision } from "../graph/tensor.ts";
import { UserError } from "../base/errors.ts";

/** The feature of WebGPU that half precision needs. */
const HALF = "shader-f16";

/** The limits that programs meet. */
export type FitLimits = Pick<
  GPUSupportedLimits,
  "maxBufferSize" | "maxStorageBufferBindingSize"
>;

/**
 * Refuses a program with a buffer or a binding that is too large for a device.
 *
 * @throws {UserError} naming the largest, and what would make it smaller.
 */
export function checkFits(
  program: Program,
  { limits, device }: { readonly limits: FitLimits; readonly device: string },
): void {
  const refuse = (what: string, limit: number, found: string): never => {
    throw new UserError(
      `Cannot run the ${program.name} on ${device}: expected ${what} of at ` +
        `most ${bytesText(limit)} but found ${found}; a smaller batchSize or ` +
        "network, or another device, may help",
    );
  };
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const binding = largestBinding(program);
  if (binding && binding.size > maxStorageBufferBindingSize) {
    const found = `${bytesText(binding.size)} (${binding.label})`;
    refuse("bindings", maxStorageBufferBindingSize, found);
  }
  const buffers = program.buffers.toSorted((a, b) => b.size - a.size);
  const [largest] = buffers;
  if (largest && largest.size > maxBufferSize) {
    const found = `${bytesText(largest.size)} (${largest.label})`;
    refuse("buffers", maxBufferSize, found);
  }
}

/**
 * Refuses to keep activations in half precision where the adapter has none.
 *
 * @throws {UserError} saying what would run.
 */
export function checkPrecision(
  precision: Precision,
  { features }: Capabilities,
): void {
  if (precision === "f32" || !features || features.includes(HALF)) return;
  throw new UserError(
    `Cannot train in half precision: expected an adapter with ${HALF} but ` +
      `found ${features.join(", ") || "no optional feature"}; every adapter ` +
      "has precision=f32",
  );
}

/** The largest view that a dispatch binds. */
function largestBinding(
  { blocks: segments }: Program,
): { readonly size: number; readonly label: string } | undefined {
  const sizes = segments.flatMap(({ dispatches }) =>
    dispatches.flatMap(({ label, reads, writes }: Dispatch) =>
      [...reads, ...writes].map(({ size }: View) => ({ size, label }))
    )
  );
  return sizes.reduce<typeof sizes[number] | undefined>(
    (largest, one) => largest && largest.size >= one.size ? largest : one,
    undefined,
  );
}
