// The system's MPI library, called by Deno's foreign functions.
//
// Open MPI loads parts of itself that look for the library's own symbols, which Deno's
// `dlopen` hides from them: so it is opened by the C library first, with all its symbols
// global, and its handles are found there as well.

import { UserError } from "../base/errors.ts";
import type { Abi, HandleName } from "./abi.ts";

/** A handle as its interface has it. */
export type Handle = number | bigint;

/** The functions in use. Those that may wait for other ranks run on another thread. */
function symbolsOf({ handle }: Abi) {
  return {
    MPI_Init_thread: call(["pointer", "pointer", "i32", "buffer"]),
    MPI_Comm_rank: call([handle, "buffer"]),
    MPI_Comm_size: call([handle, "buffer"]),
    MPI_Get_library_version: call(["buffer", "buffer"]),
    MPI_Get_processor_name: call(["buffer", "buffer"]),
    MPI_Allreduce: {
      ...call(["usize", "buffer", "i32", handle, handle, handle]),
      nonblocking: true,
    },
    MPI_Iallreduce: call(
      ["usize", "buffer", "i32", handle, handle, handle, "buffer"],
    ),
    MPI_Test: call(["buffer", "buffer", "buffer"]),
    MPI_Allgatherv: {
      ...call(
        ["buffer", "i32", handle, "buffer", "buffer", "buffer", handle, handle],
      ),
      nonblocking: true,
    },
    MPI_Bcast: {
      ...call(["buffer", "i32", handle, "i32", handle]),
      nonblocking: true,
    },
    MPI_Finalize: call([]),
    MPI_Abort: call([handle, "i32"]),
  } as const;
}

function call<const P extends readonly Deno.NativeType[]>(parameters: P) {
  return { parameters, result: "i32" } as const;
}

type Symbols = ReturnType<typeof symbolsOf>;

/** The library's functions. Each returns 0, or MPI ends the program with a message. */
export type MpiFunctions = {
  readonly [Name in keyof Symbols]: (
    ...values: readonly (Handle | ArrayBufferView<ArrayBuffer> | null)[]
  ) => Symbols[Name] extends { readonly nonblocking: true } ? Promise<number>
    : number;
};

/** An open library. */
export interface MpiLibrary {
  readonly abi: Abi;
  readonly call: MpiFunctions;
  readonly handles: Readonly<Record<HandleName, Handle>>;
}

/**
 * Opens the library of the first interface that is installed.
 *
 * @throws {UserError} if none is.
 */
export function openLibrary(abis: readonly Abi[]): MpiLibrary {
  for (const abi of abis) {
    for (const name of abi.libraries) {
      const library = opened(abi, name);
      if (library) return library;
    }
  }
  const names = abis.flatMap(({ libraries }) => libraries).join(", ");
  throw new UserError(
    `Cannot use MPI: expected one of the libraries ${names} but found none; ` +
      "install the MPI whose mpiexec started this, or add its folder to " +
      "LD_LIBRARY_PATH",
  );
}

function opened(abi: Abi, name: string): MpiLibrary | null {
  try {
    const handles = abi.handle === "usize"
      ? globalAddresses(name, abi.handles)
      : abi.handles as MpiLibrary["handles"];
    const { symbols } = Deno.dlopen(name, symbolsOf(abi));
    return { abi, call: symbols as unknown as MpiFunctions, handles };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return null;
  }
}

/** `RTLD_NOW | RTLD_GLOBAL`. */
const GLOBAL = { linux: 0x102, darwin: 0xa } as const;

/** Opens a library for all, and returns the addresses of its variables. */
function globalAddresses(
  library: string,
  names: Abi["handles"],
): MpiLibrary["handles"] {
  const isMac = Deno.build.os === "darwin";
  const { symbols: { dlopen, dlsym } } = Deno.dlopen(
    isMac ? "libSystem.dylib" : "libc.so.6",
    {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      dlsym: { parameters: ["pointer", "buffer"], result: "usize" },
    },
  );
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  const opened = dlopen(text(library), GLOBAL[isMac ? "darwin" : "linux"]);
  if (opened === null) throw new TypeError(`Cannot open ${library}`);
  const found = Object.entries(names).map(([name, symbol]) =>
    [name, dlsym(opened, text(String(symbol)))] as const
  );
  return Object.fromEntries(found) as MpiLibrary["handles"];
}
