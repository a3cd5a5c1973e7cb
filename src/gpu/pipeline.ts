// Compute pipelines, made once per distinct kernel text and binding layout.
//
// Layouts are built from one rule instead of `"auto"`: group 0 holds the reads as
// read-only storage, or as uniform buffers where the kernel says so, then the writes
// as storage, then one uniform buffer for the kernel's `struct Arguments` where it has
// one. Compiling can take seconds on a
// software adapter, so equal kernels share a pipeline and sizes travel as
// arguments rather than as constants of the text.

import type { Dispatch, Kernel, Program } from "./program.ts";
import { preludeOf, specialize } from "./specialize.ts";

/** A field of a kernel's `struct Arguments`. */
export interface ArgumentField {
  readonly name: string;
  readonly type: "u32" | "i32" | "f32";
}

/** A compiled kernel and how its bindings and arguments are laid out. */
export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly fields: readonly ArgumentField[];
  readonly kernel: Kernel;
  readonly bindings: BindingCounts;
  /** Statements of its text, on whose number the time to compile it depends. */
  readonly statements: number;
}

/** How many buffers a kernel reads and writes. */
export interface BindingCounts {
  readonly reads: number;
  readonly writes: number;
}

/** A kernel that is about to be compiled. */
export interface Compilation {
  readonly kernel: string;
  /** The name of the program that it is for. */
  readonly program: string;
  /** Which one it is of the kernels that the program still needs, from 1. */
  readonly number: number;
  readonly of: number;
}

/** The pipelines of one device. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #keepsLoops: boolean;
  readonly #compiled = new Map<string, CompiledKernel>();
  readonly #verdicts: Promise<void>[] = [];
  #program = "";
  #begun = 0;
  #expected = 0;
  /** Called before each kernel is compiled, which can take seconds. */
  onCompile: ((compilation: Compilation) => void) | null = null;

  /**
   * The pipelines of a device.
   *
   * @param options.keepsLoops Whether to compile less text: see `specialize`.
   */
  constructor(
    device: GPUDevice,
    { keepsLoops }: { readonly keepsLoops: boolean },
  ) {
    this.#device = device;
    this.#keepsLoops = keepsLoops;
  }

  /** How many pipelines have been compiled. */
  get size(): number {
    return this.#compiled.size;
  }

  /** Every kernel that there is a pipeline of. */
  get all(): readonly CompiledKernel[] {
    return [...this.#compiled.values()];
  }

  /** Counts what programs still need compiled, for {@linkcode PipelineCache.onCompile}. */
  expect(programs: Iterable<Program>): void {
    if (!this.onCompile) return;
    const all = [...programs];
    const keys = all.flatMap(({ blocks }) =>
      blocks.flatMap(({ dispatches }) =>
        dispatches.map(({ kernel, reads, writes }) =>
          cacheKey(kernel, {
            reads: reads.length,
            writes: writes.length,
          })
        )
      )
    );
    const missing = keys.filter((key) => !this.#compiled.has(key));
    this.#program = all[0]?.name ?? "";
    this.#begun = 0;
    this.#expected = new Set(missing).size;
  }

  /**
   * The pipeline of `kernel` for the given numbers of bindings.
   *
   * @throws {SyntaxError} if the text does not compile, with the compiler's message
   * and the line.
   */
  get(kernel: Kernel, bindings: BindingCounts): CompiledKernel {
    const key = cacheKey(kernel, bindings);
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      const number = ++this.#begun;
      this.onCompile?.({
        kernel: kernel.name,
        program: this.#program,
        number,
        of: Math.max(number, this.#expected),
      });
      compiled = this.#compile(kernel, bindings);
      this.#compiled.set(key, compiled);
      this.#expectVerdict(kernel, key);
    }
    return compiled;
  }

  /** The pipeline of a dispatch, as {@linkcode PipelineCache.get}. */
  of({ kernel, reads, writes }: Dispatch): CompiledKernel {
    const counts = { reads: reads.length, writes: writes.length };
    return this.get(kernel, counts);
  }

  /** Waits for the compiler's verdicts and throws the first failure. */
  async verified(): Promise<void> {
    await Promise.all(this.#verdicts.splice(0));
  }

  /** Closes the scope of a compilation; a kernel that failed is not kept. */
  #expectVerdict(kernel: Kernel, key: string): void {
    const verdict = this.#device.popErrorScope().then((error) => {
      if (!error) return;
      this.#compiled.delete(key);
      throw compileError(kernel, error.message);
    });
    verdict.catch(() => {}); // Reported by `verified`, not as an unhandled rejection.
    this.#verdicts.push(verdict);
  }

  /** Leaves an error scope open, for the verdict. */
  #compile(kernel: Kernel, bindings: BindingCounts): CompiledKernel {
    const code = specialize(kernel, { keepsLoops: this.#keepsLoops });
    const fields = argumentFields(code);
    const label = kernel.name;
    const storage = (type: GPUBufferBindingType, binding: number) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    });
    const { reads, writes } = bindings;
    const entries = [
      ...Array.from(
        { length: reads },
        (_, i) => storage(readType(code, i), i),
      ),
      ...Array.from(
        { length: writes },
        (_, i) => storage("storage", reads + i),
      ),
    ];
    if (fields.length) entries.push(storage("uniform", reads + writes));
    this.#device.pushErrorScope("validation");
    const layout = this.#device.createBindGroupLayout({ label, entries });
    const module = this.#device.createShaderModule({ label, code });
    const pipeline = this.#device.createComputePipeline({
      label,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const statements = code.split(";").length;
    return { pipeline, layout, fields, kernel, bindings, statements };
  }
}

/** What equal kernels have in common: what makes their text, and how they are bound. */
function cacheKey(kernel: Kernel, { reads, writes }: BindingCounts): string {
  return `${reads},${writes}\n${preludeOf(kernel)}\n${kernel.source}`;
}

/** How a kernel's text declares what it reads at a binding. */
export function readType(code: string, binding: number): GPUBufferBindingType {
  return code.includes(`@binding(${binding}) var<uniform>`)
    ? "uniform"
    : "read-only-storage";
}

/** An error that names the kernel, its constants and the compiler's complaint. */
function compileError(kernel: Kernel, message: string): SyntaxError {
  const constants = Object.entries(kernel.constants)
    .map(([name, value]) => `${name} = ${value}`).join(", ");
  return new SyntaxError(
    `Cannot compile ${kernel.name}.wgsl${
      constants && ` with ${constants}`
    }:\n${message}`,
  );
}

/** The fields of `struct Arguments` in a kernel's text, in order. */
export function argumentFields(code: string): ArgumentField[] {
  const body = /struct Arguments \{([^}]*)\}/.exec(code)?.[1] ?? "";
  return [...body.matchAll(/(\w+): (u32|i32|f32)\b/g)].map((
    [, name, type],
  ) => ({
    name: name!,
    type: type as ArgumentField["type"],
  }));
}

/**
 * Packs a dispatch's arguments in the order of the kernel's struct.
 *
 * @throws {TypeError} if the names differ from the struct's fields, or a value does
 * not fit its field.
 */
export function packArguments(
  { label, arguments: values = {} }: Pick<Dispatch, "label" | "arguments">,
  fields: readonly ArgumentField[],
): ArrayBuffer {
  const given = Object.keys(values).sort().join(", ");
  const expected = fields.map(({ name }) => name).sort().join(", ");
  if (given !== expected) {
    throw new TypeError(
      `Cannot pack arguments of ${label}: expected {${expected}} but found {${given}}`,
    );
  }
  // A uniform buffer's size is a multiple of 16 bytes.
  const bytes = new ArrayBuffer(Math.ceil(fields.length / 4) * 16);
  const view = new DataView(bytes);
  fields.forEach(({ name, type }, i) => {
    const value = values[name]!;
    if (type === "f32") return view.setFloat32(4 * i, value, true);
    if (value !== (type === "u32" ? value >>> 0 : value | 0)) {
      throw new TypeError(
        `Cannot pack argument ${name} of ${label}: expected ${type} but found ${value}`,
      );
    }
    view.setUint32(4 * i, value, true);
  });
  return bytes;
}
