// The wrapper around a WebGPU device: it opens the fastest adapter with the limits that
// programs need, throws every error, and refuses calls that would abort the process (empty
// or out-of-range writes).
//
// WebGPU reports errors by an event that prints nothing in Deno, so that training would go
// on with a wrong binding. The first error is recorded here and
// thrown by the next call. Only files in this folder create buffers or map them.

import {
  DeviceError,
  NoDeviceError,
  OutOfMemoryError,
} from "../base/errors.ts";
import { PipelineCache } from "./pipeline.ts";
import type { AdapterClass, Target, TunedAlgorithms } from "./target.ts";
import { Turns } from "./turns.ts";

export type {
  AdapterClass,
  Capabilities,
  Target,
  TunedAlgorithms,
} from "./target.ts";

/** Options of {@linkcode Device.open}. */
export interface DeviceOptions {
  /** Treat the adapter as this class whatever it is; for tests of its kernels. */
  readonly adapterClass?: AdapterClass;
  /** Ask for timestamp queries, for profiling. */
  readonly timestamps?: boolean;
}

/** The adapter's description. */
export interface AdapterDescription
  extends Required<Omit<Target, "algorithm" | "tuned">> {
  /** The name of the adapter by its driver. */
  readonly description: string;
  /** The vendor; empty where unknown. */
  readonly vendor: string;
  /** The architecture; empty where unknown. */
  readonly architecture: string;
  /** The optional features of WebGPU that it has. */
  readonly features: readonly string[];
  /** Algorithms that were measured on it; absent where none were. */
  readonly tuned?: TunedAlgorithms;
}

/** Limits raised from WebGPU's defaults to what the adapter has. */
const RAISED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** An open GPU device. Dispose of it with `using` or {@linkcode Device.dispose}. */
export class Device {
  #adapter: AdapterDescription;
  /** The device's limits. */
  readonly limits: GPUSupportedLimits;
  /**
   * The compiled kernels.
   *
   * @internal
   */
  readonly pipelines: PipelineCache;
  /** The WebGPU device itself, for the files of this folder. */
  readonly gpu: GPUDevice;
  /** Scratch buffers that programs share, since they never run at once. */
  readonly scratch: GPUBuffer[] = [];
  /**
   * What the device has still to do.
   *
   * @internal
   */
  readonly turns: Turns;
  #error: Error | null = null;
  #disposed = false;

  private constructor(gpu: GPUDevice, adapter: AdapterDescription) {
    this.gpu = gpu;
    this.#adapter = adapter;
    this.limits = gpu.limits;
    // What it is, whatever it is taken for.
    const keepsLoops = classOf(gpu.adapterInfo) === "software";
    this.pipelines = new PipelineCache(gpu, { keepsLoops });
    this.turns = new Turns(adapter.adapterClass);
    gpu.addEventListener("uncapturederror", (event) => {
      this.#error ??= reported((event as GPUUncapturedErrorEvent).error);
    });
    gpu.lost.then(({ message }) => {
      if (!this.#disposed) this.#error ??= lost(message);
    });
  }

  /**
   * Opens the fastest adapter.
   *
   * @throws {NoDeviceError} if there is no adapter. The message says what to install.
   */
  static async open(options: DeviceOptions = {}): Promise<Device> {
    const adapter = await navigator.gpu?.requestAdapter({
      powerPreference: "high-performance",
    });
    if (!adapter) throw new NoDeviceError(NO_ADAPTER);
    const { description, vendor, architecture } = adapter.info;
    const adapterClass = options.adapterClass ?? classOf(adapter.info);
    const timestamps = options.timestamps ?? false;
    const { gpu, ...found } = await requestDevice(adapter, {
      adapterClass,
      timestamps,
    });
    return new Device(gpu, {
      description,
      vendor,
      architecture,
      adapterClass,
      ...found,
      features: [...adapter.features].sort(),
    });
  }

  /** The adapter's description. */
  get adapter(): AdapterDescription {
    return this.#adapter;
  }

  /** Uses measured algorithms in what is compiled from now on; none if there are none. */
  tune(tuned: TunedAlgorithms): void {
    const { tuned: _, ...adapter } = this.#adapter;
    const none = Object.keys(tuned).length === 0;
    this.#adapter = none ? adapter : { ...adapter, tuned };
  }

  /**
   * A new buffer of zeros that kernels and copies can use.
   *
   * @throws {DeviceError} if the device allows no buffer of so many bytes.
   */
  createBuffer(
    label: string,
    { size, usage }: { readonly size: number; readonly usage?: number },
  ): GPUBuffer {
    const { maxBufferSize } = this.limits;
    if (size > maxBufferSize) {
      throw new DeviceError(
        `Cannot allocate ${label}: expected at most ${maxBufferSize} bytes on this device but found ${size}`,
      );
    }
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return this.gpu.createBuffer({
      label,
      size: Math.max(4, size),
      usage: usage ?? STORAGE | UNIFORM | COPY_SRC | COPY_DST,
    });
  }

  /** Copies `data` into `buffer` at `offset` bytes, before the next submitted work. */
  write(
    buffer: GPUBuffer,
    data: BufferSource,
    { offset = 0 }: { readonly offset?: number } = {},
  ): void {
    const { byteLength } = data;
    if (byteLength === 0) return;
    if (byteLength % 4 !== 0 || offset % 4 !== 0) {
      throw new RangeError(
        `Cannot write to ${buffer.label}: expected whole 4-byte words but found ${byteLength} bytes at ${offset}`,
      );
    }
    if (offset < 0 || offset + byteLength > buffer.size) {
      throw new RangeError(
        `Cannot write to ${buffer.label}: expected at most ${buffer.size} bytes but found ${byteLength} at ${offset}`,
      );
    }
    this.gpu.queue.writeBuffer(buffer, offset, data);
  }

  /** Submits one command buffer, after checking that nothing has failed so far. */
  submit(encoder: GPUCommandEncoder): void {
    this.check();
    this.gpu.queue.submit([encoder.finish()]);
    this.check();
  }

  /** Resolves when all submitted work is done. It costs at least 10 ms in Deno. */
  async finished(): Promise<void> {
    await this.gpu.queue.onSubmittedWorkDone();
    this.turns.drained();
    this.check();
  }

  /**
   * Throws the first error that the device has reported.
   *
   * @throws {DeviceError} if the device was lost or has too little memory.
   * @throws {Error} if WebGPU refused a call, which is a mistake in the program.
   */
  check(): void {
    if (this.#error) throw this.#error;
  }

  /** Throws the device's own error if it has one, else the reason of a rejected call. */
  async fail(rejection: unknown): Promise<never> {
    // A lost device rejects calls before it reports that it is lost.
    await new Promise((resolve) => setTimeout(resolve));
    this.check();
    throw rejection;
  }

  /** Releases the device and everything on it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const buffer of this.scratch) buffer.destroy();
    this.scratch.length = 0;
    this.gpu.destroy();
  }

  /** As {@linkcode Device.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A device with the adapter's largest limits, and its properties. */
async function requestDevice(
  adapter: GPUAdapter,
  { adapterClass, timestamps }: Required<DeviceOptions>,
): Promise<{ gpu: GPUDevice; subgroupSize: number; shaderInt64: boolean }> {
  const requiredLimits = Object.fromEntries(
    RAISED_LIMITS.map((name) => [name, adapter.limits[name]]),
  );
  const wanted = (["timestamp-query", "shader-f16"] as const).filter((name) =>
    adapter.features.has(name) && (name !== "timestamp-query" || timestamps)
  );
  const request = (hidden: readonly string[]) =>
    adapter.requestDevice({
      requiredLimits,
      requiredFeatures: [...wanted, ...hidden as GPUFeatureName[]],
    });
  // Deno has these where the driver does, but does not list them: try.
  let subgroupSize = uniformSubgroupSize(adapter.info);
  const subgroups = subgroupSize ? ["subgroups"] : [];
  let shaderInt64 = adapterClass === "software";
  const long = shaderInt64 ? ["wgpu-shader-int64"] : [];
  const gpu = await request([...subgroups, ...long]).catch(() => {
    shaderInt64 = false;
    return request(subgroups);
  }).catch(() => {
    subgroupSize = 0;
    return request([]);
  });
  return { gpu, subgroupSize, shaderInt64 };
}

function reported(error: GPUError): Error {
  const message = `The GPU reported an error: ${error.message}`;
  return error instanceof GPUOutOfMemoryError
    ? new OutOfMemoryError(message)
    : new Error(message);
}

function lost(message: string): DeviceError {
  return new DeviceError(
    `Cannot use the GPU: expected it to answer but found it lost: ${message}`,
  );
}

/** The size of all subgroups, or 0 where it varies or is unknown. */
function uniformSubgroupSize(info: GPUAdapterInfo): number {
  const { subgroupMinSize, subgroupMaxSize } = info;
  return subgroupMinSize === subgroupMaxSize ? subgroupMinSize ?? 0 : 0;
}

/** Software adapters run shader lanes on SIMD units and have no local memory. */
function classOf(info: GPUAdapterInfo): AdapterClass {
  const software = /llvmpipe|lavapipe|swiftshader|basic render|software/i;
  return info.isFallbackAdapter || software.test(info.description)
    ? "software"
    : "gpu";
}

const NO_ADAPTER = `Cannot open a GPU: no WebGPU adapter answered
On Linux a Vulkan driver and its loader are needed: the GPU's own driver with
libvulkan1, or Mesa's software driver (Debian: apt-get install libvulkan1
mesa-vulkan-drivers). In a container, the driver's ICD file must be visible
(VK_DRIVER_FILES) and, for NVIDIA, the "graphics" capability enabled.
DENO_WEBGPU_BACKEND, if set, must name a back end that this machine has.`;
