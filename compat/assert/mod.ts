/**
 * Stands in for `@std/assert` where JSR cannot be reached: the assertions that
 * this project uses, with the signatures and the outcomes that the original
 * documents. Only the wording of a failed comparison is this package's own.
 *
 * @module
 */

import { inspect } from "node:util";
import { difference } from "./difference.ts";

/** What every failed assertion throws. */
export class AssertionError extends Error {
  /** Makes the error with its message and, where there is one, its cause. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that the two are equal by content; `0` and `-0` are equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  const found = difference(actual, expected);
  if (!found) return;
  const where = found.path === "" ? "" : `
  at ${found.path}: ${text(found.actual)} is not ${text(found.expected)}`;
  throw new AssertionError(
    `Values are not equal${ending(msg)}${where}
  actual:   ${text(actual)}
  expected: ${text(expected)}`,
  );
}

/** Asserts that the two are not equal by content. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (difference(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${text(actual)} not to be: ${text(expected)}` +
      ending(msg),
  );
}

/**
 * Asserts that two numbers are at most `tolerance` apart. The default is a
 * ten-millionth of the expected value.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  tolerance ??= Number.isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7;
  const delta = Math.abs(expected - actual);
  if (delta <= tolerance) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to be close to "${expected}": ` +
      `delta "${delta}" is greater than "${tolerance}"${ending(msg)}`,
  );
}

/** Asserts that a string contains another. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to contain: "${expected}"${ending(msg)}`,
  );
}

/** Asserts that the value is neither null nor undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not be null or undefined${ending(msg)}`,
  );
}

// deno-lint-ignore no-explicit-any -- as the original: any constructor will do
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Asserts that `fn` throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an error of this class, with this in its message. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const wanted = expectation(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    return checked(error, wanted);
  }
  throw new AssertionError(`Expected function to throw${ending(wanted.msg)}`);
}

/** Asserts that the promise of `fn` rejects, and returns what it threw. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Asserts that it rejects with this class, and this in its message. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const wanted = expectation(classOrMsg, msgIncludes, msg);
  let promise: unknown;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(
      `Function throws when expected to reject${ending(wanted.msg)}`,
      { cause: error },
    );
  }
  if (typeof (promise as PromiseLike<unknown>)?.then !== "function") {
    throw new AssertionError(
      `Function throws when expected to reject${ending(wanted.msg)}`,
    );
  }
  try {
    await promise;
  } catch (error) {
    return checked(error, wanted);
  }
  throw new AssertionError(`Expected function to reject${ending(wanted.msg)}`);
}

interface Expectation {
  readonly ErrorClass?: ErrorClass<Error>;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

/** Tells the two overloads apart. */
function expectation(
  classOrMsg: ErrorClass<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation {
  return typeof classOrMsg === "function"
    ? { ErrorClass: classOrMsg, msgIncludes, msg }
    : { msgIncludes: undefined, msg: classOrMsg };
}

function checked(error: unknown, wanted: Expectation): unknown {
  const { ErrorClass, msgIncludes, msg } = wanted;
  if (!ErrorClass) return error;
  if (!(error instanceof Error)) {
    throw new AssertionError(
      `Expected an Error but "${text(error)}" was thrown${ending(msg)}`,
    );
  }
  const name = error.constructor.name;
  if (!(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was ` +
        `"${name}"${ending(msg)}`,
      { cause: error },
    );
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(msgIncludes)}, ` +
        `but got ${JSON.stringify(error.message)}${ending(msg)}`,
      { cause: error },
    );
  }
  return error;
}

function text(value: unknown): string {
  return inspect(value, { depth: 6, sorted: true, breakLength: 76 });
}

function ending(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
