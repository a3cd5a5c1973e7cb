// What programs are compiled for: the properties of a device that the choice of kernels
// depends on. A target is plain data, so that programs can be compiled without a device.

/** The class of an adapter: many cores with fast local memory, or SIMD lanes. */
export type AdapterClass = "gpu" | "software";

/** Names of algorithms by pass and shape, such as `forward 3x3 64->64 at 32x32`. */
export type TunedAlgorithms = Readonly<Record<string, string>>;

/** The properties of a device that the choice of kernels depends on. */
export interface Target {
  /** The class of the adapter. */
  readonly adapterClass: AdapterClass;
  /** Invocations of a subgroup where all have the same number, else 0 or absent. */
  readonly subgroupSize?: number;
  /** Whether kernels may load integers of 64 bits, as software adapters do faster. */
  readonly shaderInt64?: boolean;
  /**
   * The convolution algorithm to use wherever it supports the problem, for tests and
   * measurements; chosen by cost if empty or absent.
   */
  readonly algorithm?: string;
  /**
   * The fastest algorithms that were measured on this device. Names that are unknown, or of algorithms that do not
   * support the shape, are ignored.
   */
  readonly tuned?: TunedAlgorithms;
}

/** A target with the features that decide whether a program can run. */
export interface Capabilities extends Target {
  /** Optional features of WebGPU that the adapter has; every one if left out. */
  readonly features?: readonly string[];
}
