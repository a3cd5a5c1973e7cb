// A program bound to a device: buffers, pipelines, arguments and bind groups are
// made once, and a run only encodes dispatches. Command buffers are single-use in
// WebGPU, so replaying means encoding again, at about 2 µs per dispatch, most of it in
// the checks of `finish`. A pipeline that is already set is not set again.
//
// Scratch buffers are shared between all plans of a device, because plans never
// run at the same time: bind the largest plan first and the others fit into it.

import { ArgumentsBuffer } from "./arguments_buffer.ts";
import { bindBuffers } from "./bind_buffers.ts";
import type { Device } from "./device.ts";
import type { BoundExchange, ExchangeHost } from "./host_exchange.ts";
import type { Memory } from "./memory.ts";
import type { Dispatch, Program, View } from "./program.ts";

/** A dispatch that is ready to encode. */
interface BoundDispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  /** Operations, and bytes read and written. */
  readonly work: number;
}

/** A {@linkcode Program} made ready to run on one device, as often as wanted. */
export class Plan {
  readonly program: Program;
  readonly device: Device;
  readonly #blocks: readonly {
    readonly repeat: number;
    readonly dispatches: readonly BoundDispatch[];
    readonly exchanges: readonly BoundExchange[];
  }[];
  readonly #arguments: GPUBuffer | null;

  private constructor(program: Program, memory: Memory) {
    this.program = program;
    this.device = memory.device;
    const buffers = bindBuffers(program, memory);
    const placed = new ArgumentsBuffer(this.device, program);
    this.#arguments = placed.buffer;
    let index = 0;
    const part = ({ buffer, ...range }: View) => ({
      buffer: buffers[buffer]!,
      ...range,
    });
    this.#blocks = program.blocks.map(({ repeat, dispatches, exchanges }) => ({
      repeat,
      exchanges: (exchanges ?? []).map(({ from, to, ...how }) => ({
        ...how,
        from: part(from),
        to: part(to),
      })),
      dispatches: dispatches.map((dispatch) =>
        bindDispatch(this.device, dispatch, {
          buffers,
          uniform: placed.binding(index++),
        })
      ),
    }));
    placed.upload();
  }

  /**
   * Compiles the program's kernels and binds its buffers.
   *
   * @throws {SyntaxError} if a kernel does not compile.
   */
  static async bind(program: Program, memory: Memory): Promise<Plan> {
    const { gpu, pipelines } = memory.device;
    await compileKernels(program, memory.device);
    let plan: Plan | null = null, failure: unknown = null;
    gpu.pushErrorScope("validation");
    try {
      plan = new Plan(program, memory);
    } catch (error) {
      failure = error; // Thrown below: a scope left open would swallow later errors.
    }
    const scope = gpu.popErrorScope();
    await pipelines.verified();
    const error = await scope;
    if (!plan) throw failure;
    if (error) {
      plan.dispose();
      throw new Error(`Cannot bind ${program.name}: ${error.message}`);
    }
    return plan;
  }

  /** Runs a program without exchanges once: one encoder, one pass, one submit. */
  run(): void {
    this.#checkAlone();
    this.#checkHost();
    const encoder = this.device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.encode(pass);
    pass.end();
    this.device.submit(encoder);
  }

  /**
   * Runs the program once, in pieces on a device that takes long for it, so that
   * timers and signal handlers run in between. Exchanges are the host's.
   *
   * @throws The signal's reason, which ends the run between two pieces.
   * @throws {Error} for other programs that are to run meanwhile, since they would use
   * the same scratch buffers.
   */
  async runInTurns(signal?: AbortSignal, host?: ExchangeHost): Promise<void> {
    const { turns } = this.device;
    this.#checkAlone();
    this.#checkHost(host);
    turns.running = this.program.name;
    try {
      await this.#runPieces(signal, host);
    } finally {
      turns.running = null;
    }
  }

  #checkAlone(): void {
    const { running } = this.device.turns;
    if (running === null) return;
    throw new Error(
      `Cannot run ${this.program.name}: expected ${running} to be done before ` +
        "but found it under way; await it first",
    );
  }

  #checkHost(host?: ExchangeHost): void {
    if (host || !this.program.blocks.some((one) => one.exchanges)) return;
    throw new TypeError(
      `Cannot run ${this.program.name}: expected a host for its exchanges but ` +
        "found none",
    );
  }

  async #runPieces(signal?: AbortSignal, host?: ExchangeHost): Promise<void> {
    const { gpu, turns } = this.device;
    let encoder = gpu.createCommandEncoder();
    let pass = encoder.beginComputePass();
    let pipeline: GPUComputePipeline | null = null;
    let work = 0;
    const submit = () => {
      pass.end();
      this.device.submit(encoder);
      turns.submitted(work);
    };
    const begin = () => {
      encoder = gpu.createCommandEncoder();
      pass = encoder.beginComputePass();
      pipeline = null;
      work = 0;
    };
    for (const part of this.#parts()) {
      if ("exchanges" in part) {
        submit();
        await host!.exchange(part.exchanges);
        begin();
        continue;
      }
      encode(pass, part, pipeline);
      pipeline = part.pipeline;
      work += part.work;
      if (work < turns.budget) continue;
      submit();
      await this.device.finished();
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      begin();
    }
    submit();
  }

  /** Encodes every dispatch, loops written out. */
  encode(pass: GPUComputePassEncoder): void {
    let pipeline: GPUComputePipeline | null = null;
    for (const { repeat, dispatches } of this.#blocks) {
      for (let i = 0; i < repeat; i++) {
        for (const dispatch of dispatches) {
          encode(pass, dispatch, pipeline);
          pipeline = dispatch.pipeline;
        }
      }
    }
  }

  /** Every dispatch of a run in order. */
  *#dispatches(): Generator<BoundDispatch> {
    for (const { repeat, dispatches } of this.#blocks) {
      for (let i = 0; i < repeat; i++) yield* dispatches;
    }
  }

  /** The same, with the exchanges in between. */
  *#parts(): Generator<
    BoundDispatch | { readonly exchanges: readonly BoundExchange[] }
  > {
    for (const { repeat, dispatches, exchanges } of this.#blocks) {
      for (let i = 0; i < repeat; i++) yield* dispatches;
      if (exchanges.length > 0) yield { exchanges };
    }
  }

  /** Calls `visit` for every dispatch of a run in order; for profiling. */
  forEach(
    visit: (
      label: string,
      encode: (pass: GPUComputePassEncoder) => void,
    ) => void,
  ): void {
    for (const dispatch of this.#dispatches()) {
      visit(dispatch.label, (pass) => encode(pass, dispatch, null));
    }
  }

  /** Releases what only this plan holds; variables and scratch stay. */
  dispose(): void {
    this.#arguments?.destroy();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Compiles what a program needs, and lets signal handlers run now and then. */
async function compileKernels(
  { blocks }: Program,
  { pipelines }: Device,
): Promise<void> {
  let turn = performance.now();
  for (const dispatch of blocks.flatMap(({ dispatches }) => dispatches)) {
    pipelines.of(dispatch);
    if (performance.now() - turn < 500) continue;
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  }
}

/** Encodes a dispatch into a pass in which `current` is the pipeline that is set. */
function encode(
  pass: GPUComputePassEncoder,
  { pipeline, bindGroup, workgroups }: BoundDispatch,
  current: GPUComputePipeline | null,
): void {
  if (pipeline !== current) pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
}

function bindDispatch(
  device: Device,
  dispatch: Dispatch,
  bound: { buffers: readonly GPUBuffer[]; uniform: GPUBufferBinding | null },
): BoundDispatch {
  const { label, reads, writes, workgroups } = dispatch;
  checkWorkgroups(dispatch, device.limits.maxComputeWorkgroupsPerDimension);
  const { pipeline, layout } = device.pipelines.of(dispatch);
  const resources = [...reads, ...writes].map((
    { buffer, offset, size }: View,
  ) => ({
    buffer: bound.buffers[buffer]!,
    offset,
    size,
  }));
  if (bound.uniform) resources.push(bound.uniform as typeof resources[number]);
  const bindGroup = device.gpu.createBindGroup({
    label,
    layout,
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  const bytes = [...reads, ...writes].reduce((sum, { size }) => sum + size, 0);
  const work = (dispatch.flops ?? 0) + bytes;
  return { label, pipeline, bindGroup, workgroups, work };
}

function checkWorkgroups({ label, workgroups }: Dispatch, limit: number): void {
  if (workgroups.some((n) => !Number.isInteger(n) || n < 1 || n > limit)) {
    throw new RangeError(
      `Cannot dispatch ${label}: expected 1 to ${limit} workgroups per dimension but found ${
        workgroups.join(" x ")
      }`,
    );
  }
}
