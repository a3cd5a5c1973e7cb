// The buffers of a program on a device: those of its variables, and scratch buffers, which
// all programs of the device share.

import type { Memory } from "./memory.ts";
import type { Program } from "./program.ts";

/** Finds each buffer of the program: variables by identity, scratch by size. */
export function bindBuffers(program: Program, memory: Memory): GPUBuffer[] {
  const { device } = memory;
  const buffers: GPUBuffer[] = [];
  const scratch: number[] = [];
  program.buffers.forEach((spec, index) => {
    if (spec.variable) buffers[index] = memory.buffer(spec.variable, spec);
    else scratch.push(index);
  });
  // Largest first on both sides, so that small needs do not take large buffers.
  const size = (index: number) => program.buffers[index]!.size;
  scratch.sort((a, b) => size(b) - size(a));
  const free = device.scratch.toSorted((a, b) => b.size - a.size);
  for (const index of scratch) {
    if (free.length && free[0]!.size >= size(index)) {
      buffers[index] = free.shift()!;
    } else {
      const buffer = device.createBuffer("scratch", { size: size(index) });
      device.scratch.push(buffer);
      buffers[index] = buffer;
    }
  }
  return buffers;
}
