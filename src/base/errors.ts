// Errors by who can fix them. A `UserError` is about a command, a file, an option, a setting
// or a machine: its message is complete, and the program prints nothing else. It is thrown
// where the fault is found, in any layer.
//
// A mistake in calling code (a shape, an argument, a state) is a TypeError or a RangeError,
// as everywhere in JavaScript, and is printed with its stack. The class alone decides:
// messages are for people, and no code reads them.

import { commandLine } from "./command_line.ts";

/**
 * Something outside the program is not as it has to be, and the message says what:
 * "Cannot do this: expected A but found B".
 *
 * It extends `Error` and neither `RangeError` nor `TypeError`, so that `catch` tells
 * a file, a setting or a machine from a call that is wrong.
 */
export class UserError extends Error {
  /** The class's name, which begins a stack. */
  override readonly name: string = this.constructor.name;
}

/** A command line that cannot be understood as it was written. */
export class UsageError extends UserError {}

/** A batch has too few images for what is computed over all of them. */
export class SmallBatchError extends UserError {}

/** There is no device, it was lost, or it cannot do what it is asked for. */
export class DeviceError extends UserError {}

/** The machine has no device that the program can use. */
export class NoDeviceError extends DeviceError {}

/** A data set could not be downloaded. */
export class DownloadError extends UserError {}

/** The device has too little memory. */
export class OutOfMemoryError extends DeviceError {}

/** How a process ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** The command was not understood. */
  misused: 2,
  /** The data set cannot be had (EX_NOINPUT of sysexits.h). */
  noData: 66,
  /** There is no device (EX_UNAVAILABLE of sysexits.h). */
  noDevice: 69,
  /** Stopped by a signal, with everything saved. */
  interrupted: 130,
} as const;

/** The text to print for an error, and the process's exit code. */
export function explain(
  error: unknown,
): { readonly text: string; readonly code: number } {
  if (error instanceof UsageError) {
    return { text: error.message, code: EXIT.misused };
  }
  const code = error instanceof NoDeviceError
    ? EXIT.noDevice
    : error instanceof DownloadError
    ? EXIT.noData
    : EXIT.failed;
  return { text: failureText(error), code };
}

function failureText(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `${error.message}\nThe tasks of deno.json have the permissions ` +
      `that each command needs: "${commandLine("train")}" and so on`;
  }
  if (error instanceof OutOfMemoryError) {
    return `${error.message}\n--set recompute=true and a smaller batchSize ` +
      "need less";
  }
  if (error instanceof UserError) return error.message;
  if (error instanceof Error && isNamedSystemError(error)) return error.message;
  const stack = error instanceof Error && error.stack || String(error);
  return `${stack}\nThis is a mistake in the program, not yours: please ` +
    "report it with the lines above";
}

/**
 * Whether the operating system refused something: a file, a disk, the network. Deno
 * has classes for what is common, and throws a plain `Error` for the rest.
 */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error &&
    (isNamedSystemError(error) || error.constructor === Error);
}

/** Classes of Deno that tell of a mistake in code, or of missing permissions. */
const NOT_THE_SYSTEM: readonly (new (message: string) => Error)[] = [
  Deno.errors.BadResource,
  Deno.errors.NotCapable,
];

function isNamedSystemError(error: Error): boolean {
  return Object.values(Deno.errors).some((Kind) => error instanceof Kind) &&
    !NOT_THE_SYSTEM.some((Kind) => error instanceof Kind);
}
