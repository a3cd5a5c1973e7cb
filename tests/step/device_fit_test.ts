import { assertThrows } from "@std/assert";
import { checkFits } from "../../src/step/device_fit.ts";
import type { Program } from "../../src/gpu/program.ts";
import { UserError } from "../../src/base/errors.ts";

const MIB = 2 ** 20;

/** A program with one buffer, of which a dispatch binds a part. */
function programOf(sizes: { buffer: number; binding: number }): Program {
  const view = { buffer: 0, offset: 0, size: sizes.binding };
  return {
    name: "training step",
    buffers: [{ label: "student parameters", size: sizes.buffer }],
    blocks: [{
      repeat: 1,
      dispatches: [{
        label: "sgd",
        kernel: { name: "sgd", source: "", constants: {} },
        reads: [{ ...view, size: 4 }],
        writes: [view],
        workgroups: [1, 1, 1],
      }],
    }],
  };
}

const DEVICE = {
  device: "llvmpipe",
  limits: { maxBufferSize: 256 * MIB, maxStorageBufferBindingSize: 128 * MIB },
};

Deno.test("checkFits() accepts what is as large as the limits", () => {
  const sizes = { buffer: 256 * MIB, binding: 128 * MIB };
  checkFits(programOf(sizes), DEVICE);
});

Deno.test("checkFits() refuses a binding that is too large, and names it", () => {
  const sizes = { buffer: 256 * MIB, binding: 176 * MIB };
  assertThrows(
    () => checkFits(programOf(sizes), DEVICE),
    UserError,
    "Cannot run the training step on llvmpipe: expected bindings of at most " +
      "128 MiB but found 176 MiB (sgd)",
  );
});

Deno.test("checkFits() refuses a buffer that is too large, and names it", () => {
  const sizes = { buffer: 512 * MIB, binding: 4 };
  assertThrows(
    () => checkFits(programOf(sizes), DEVICE),
    UserError,
    "expected buffers of at most 256 MiB but found 512 MiB (student parameters)",
  );
});
