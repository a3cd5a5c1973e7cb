// Compiles kernels before the first step, on several cores, where the adapter is a
// processor. Mesa's driver for processors compiles a kernel at its first dispatch, in the
// thread of the device's queue: one kernel after another, while the other cores wait.
// Drivers of GPUs compile when a pipeline is made, in threads of their own.
//
// Another device of the same adapter has a thread of its own, and the driver keeps what it
// compiled in a cache on disk. So each of several devices compiles a part of the kernels, by
// dispatches of no workgroups, and the device in use finds the others' parts in that cache.
// An evaluation's kernels are among them: beside training they would take its cores.
//
// Nothing is computed here, so that no result depends on it. Where it fails, where the
// cache is off, and where it has the kernels already, they are left to their first dispatch.

import { Device } from "./device.ts";
import type { CompiledKernel } from "./pipeline.ts";
import { coreTime } from "./stopwatch.ts";

/** The most devices that compile at once: more would wait for the longest kernel. */
const MOST_DEVICES = 4;

/** Statements of the kernel that is tried first: about 0.15 s of compilation. */
const TRIED_STATEMENTS = 120;

/** Milliseconds of a core from which it was compiled; one from the cache takes 1 to 5. */
const COMPILED = 20;

/** Milliseconds to wait for the driver's cache, which a thread of lowest priority writes. */
const WAITS = [100, 400] as const;

/** How often the progress is told. */
const PARTS = 8;

/** Bytes behind each binding, at least what any kernel's types need. */
const BINDING_SIZE = 65_536;

/**
 * Compiles every kernel that the device has a pipeline of. Resolves to the number of
 * kernels that other devices compiled: none where that saves no time.
 *
 * @param options.cores Cores to compile on.
 */
export async function compileAhead(
  device: Device,
  { cores }: { readonly cores: number },
): Promise<number> {
  if (device.adapter.adapterClass !== "software" || cores < 2) return 0;
  const kernels = device.pipelines.all
    .toSorted((a, b) => b.statements - a.statements);
  const helpers: Device[] = [];
  try {
    if (!await openHelpers(helpers, { device, kernels, cores })) return 0;
    const [own, ...parts] = shares(kernels, helpers.length + 1);
    await compileTogether(device, { own: own!, helpers, parts });
    return parts.reduce((sum, part) => sum + part.length, 0);
  } catch {
    // The kernels are compiled when they first run, which shows what is wrong.
    return 0;
  } finally {
    await close(helpers);
  }
}

/**
 * Opens the other devices, if they are of use: if a kernel takes long on this device, and
 * another device then has it at once.
 */
async function openHelpers(
  helpers: Device[],
  { device, kernels, cores }: {
    readonly device: Device;
    readonly kernels: readonly CompiledKernel[];
    readonly cores: number;
  },
): Promise<boolean> {
  const tried = kernels.find((one) => one.statements <= TRIED_STATEMENTS);
  if (!tried || !await compiles(device, tried)) return false;
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const helper = await Device.open();
    helpers.push(helper);
    if (!await compiles(helper, tried)) {
      const most = Math.min(cores, MOST_DEVICES) - 1;
      while (helpers.length < most) helpers.push(await Device.open());
      return true;
    }
    await close(helpers.splice(0));
  }
  return false;
}

/** Whether the device had to compile the kernel, by the processor's time. */
async function compiles(
  device: Device,
  { kernel, bindings }: CompiledKernel,
): Promise<boolean> {
  device.pipelines.get(kernel, bindings); // What that takes is not counted.
  const start = coreTime();
  dispatchNothing(device, [{ kernel, bindings }]);
  await device.finished();
  return coreTime() - start > COMPILED;
}

/**
 * Kernels in so many parts that take about as long: the longest are dealt out first, to and
 * fro, which needs no guess of how long one takes.
 */
function shares(
  kernels: readonly CompiledKernel[],
  count: number,
): CompiledKernel[][] {
  const parts = Array.from({ length: count }, (): CompiledKernel[] => []);
  for (const [i, kernel] of kernels.entries()) {
    const turn = i % (2 * count);
    parts[Math.min(turn, 2 * count - 1 - turn)]!.push(kernel);
  }
  return parts;
}

/** Lets all devices compile at once, and waits for them. */
async function compileTogether(
  device: Device,
  { own, helpers, parts }: {
    readonly own: readonly CompiledKernel[];
    readonly helpers: readonly Device[];
    readonly parts: readonly (readonly CompiledKernel[])[];
  },
): Promise<void> {
  const step = Math.ceil(own.length / PARTS);
  const devices = helpers.length + 1;
  for (let start = 0; start < own.length; start += step) {
    device.pipelines.onCompile?.({
      program: "all programs",
      kernel: own[start]!.kernel.name,
      number: start * devices + 1,
      of: own.length * devices,
    });
    dispatchNothing(device, own.slice(start, start + step));
    if (start === 0) {
      helpers.forEach((one, i) => dispatchNothing(one, parts[i]!));
    }
    await device.finished();
    await new Promise((resolve) => setTimeout(resolve)); // For signal handlers.
  }
  for (const helper of helpers) await helper.finished();
}

/** Submits a dispatch of no workgroups of each kernel, for which the driver compiles it. */
function dispatchNothing(
  device: Device,
  kernels: readonly Pick<CompiledKernel, "kernel" | "bindings">[],
): void {
  const found = kernels.map(({ kernel, bindings }) =>
    device.pipelines.get(kernel, bindings)
  );
  const counts = found.map(bindingCount);
  const buffers = Array.from(
    { length: Math.max(...counts) },
    () => device.createBuffer("no values", { size: BINDING_SIZE }),
  );
  device.gpu.pushErrorScope("validation");
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const [i, { pipeline, layout }] of found.entries()) {
    const entries = buffers.slice(0, counts[i]!)
      .map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.gpu.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(0);
  }
  pass.end();
  device.submit(encoder);
  // What was refused is left to its first dispatch, and is no error of the run.
  device.gpu.popErrorScope().catch(() => {});
  for (const buffer of buffers) buffer.destroy();
}

/** The bindings of a kernel, that of its arguments included. */
function bindingCount(
  { bindings: { reads, writes }, fields }: CompiledKernel,
): number {
  return reads + writes + (fields.length > 0 ? 1 : 0);
}

/** Closes devices once they are done: Deno crashes where it drops one that is at work. */
async function close(helpers: readonly Device[]): Promise<void> {
  for (const helper of helpers) {
    await helper.finished().catch(() => {});
    helper.dispose();
  }
}
