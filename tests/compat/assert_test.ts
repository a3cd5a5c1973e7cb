// What @std/assert documents, as far as this project may rely on it. The
// assertions under test are checked with plain throws: they cannot vouch for
// themselves. Where JSR answers, the same tests run against the original.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  AssertionError,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

/** Runs what must fail, and returns the failed assertion. */
function failure(run: () => unknown): AssertionError {
  try {
    run();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("Expected a failed assertion but found none");
}

/** Likewise for what fails later. */
async function laterFailure(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("Expected a failed assertion but found none");
}

/** Fails where the message lacks a part. */
function mustSay(error: Error, part: string): void {
  if (!error.message.includes(part)) {
    throw new Error(`Expected "${part}" but found "${error.message}"`);
  }
}

class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}

class Loop {
  me: unknown = this;
}

const EQUAL: readonly [what: string, a: unknown, b: unknown][] = [
  ["numbers", 1, 1],
  ["zeros of both signs", 0, -0],
  ["zeros in a typed array", new Float32Array([0]), new Float32Array([-0])],
  ["not-a-numbers", NaN, NaN],
  ["not-a-numbers in an array", [NaN], [NaN]],
  ["strings", "a", "a"],
  ["nested objects", { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
  ["objects whatever the order of their keys", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["an object without prototype and a literal", Object.create(null), {}],
  ["typed arrays", new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ["buffers", new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  ["sets whatever their order", new Set([1, 2]), new Set([2, 1])],
  ["sets of objects", new Set([{ a: 1 }]), new Set([{ a: 1 }])],
  [
    "maps whatever their order",
    new Map([[1, 2], [3, 4]]),
    new Map([[3, 4], [
      1,
      2,
    ]]),
  ],
  ["dates", new Date(5), new Date(5)],
  ["invalid dates", new Date(NaN), new Date(NaN)],
  ["expressions", /a/g, /a/g],
  ["addresses", new URL("file:///a"), new URL("file:///a")],
  ["instances with equal getters", new Point(1), new Point(1)],
  ["structures that hold themselves", new Loop(), new Loop()],
];

const UNEQUAL: readonly [what: string, a: unknown, b: unknown][] = [
  ["numbers", 1, 2],
  ["a number and its string", 1, "1"],
  ["null and undefined", null, undefined],
  ["null and an object", null, {}],
  ["an array and an object", [], {}],
  ["arrays of two lengths", [1], [1, 2]],
  ["nested objects", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ["a missing and an undefined property", { a: undefined }, {}],
  ["typed arrays", new Float32Array([1, 2]), new Float32Array([1, 3])],
  ["typed arrays of two kinds", new Int8Array([1]), new Uint8Array([1])],
  ["typed arrays of two lengths", new Uint8Array(2), new Uint8Array(3)],
  ["buffers", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  ["sets", new Set([1, 2]), new Set([1, 3])],
  ["sets of objects", new Set([{ a: 1 }]), new Set([{ a: 2 }])],
  ["maps", new Map([[1, 2]]), new Map([[1, 3]])],
  ["dates", new Date(5), new Date(6)],
  ["expressions", /a/g, /a/i],
  ["addresses", new URL("file:///a"), new URL("file:///b")],
  ["instances of two classes", new Point(1), new Loop()],
  ["instances with other getters", new Point(1), new Point(2)],
  ["functions", () => 1, () => 1],
  ["errors of two messages", new Error("a"), new Error("b")],
];

for (const [what, a, b] of EQUAL) {
  Deno.test(`assertEquals() accepts equal ${what}`, () => {
    assertEquals(a, b);
    assertEquals(b, a);
    failure(() => assertNotEquals(a, b));
  });
}

for (const [what, a, b] of UNEQUAL) {
  Deno.test(`assertEquals() refuses unequal ${what}`, () => {
    failure(() => assertEquals(a, b));
    failure(() => assertEquals(b, a));
    assertNotEquals(a, b);
  });
}

Deno.test("assertEquals() puts the message into the failure", () => {
  mustSay(failure(() => assertEquals(1, 2, "at step 7")), "at step 7");
  mustSay(failure(() => assertNotEquals(1, 1, "at step 7")), "at step 7");
});

Deno.test("assertEquals() throws for what cannot be compared", () => {
  try {
    assertEquals(new WeakSet(), new WeakSet());
  } catch (error) {
    if (error instanceof TypeError) return;
  }
  throw new Error("Expected a TypeError");
});

Deno.test("assert() accepts what is truthy", () => {
  assert(1);
  for (const value of [0, "", null, undefined, false, NaN]) {
    mustSay(failure(() => assert(value, "the reason")), "the reason");
  }
});

Deno.test("assertAlmostEquals() compares within the tolerance", () => {
  assertAlmostEquals(1, 1.05, 0.1);
  assertAlmostEquals(1, 0.95, 0.1);
  assertAlmostEquals(NaN, NaN);
  assertAlmostEquals(Infinity, Infinity);
  failure(() => assertAlmostEquals(1, 1.2, 0.1));
  failure(() => assertAlmostEquals(NaN, 1, 10));
  failure(() => assertAlmostEquals(1, NaN, 10));
  failure(() => assertAlmostEquals(Infinity, -Infinity, 10));
  mustSay(failure(() => assertAlmostEquals(1, 2, 0.1, "a reason")), "a reason");
});

Deno.test("assertAlmostEquals() allows a ten-millionth by default", () => {
  assertAlmostEquals(1e6, 1e6 + 0.09);
  assertAlmostEquals(-1e6, -1e6 - 0.09);
  failure(() => assertAlmostEquals(1e6, 1e6 + 0.11));
  failure(() => assertAlmostEquals(1e-9, 0));
});

Deno.test("assertStringIncludes() looks for a part", () => {
  assertStringIncludes("abc", "b");
  mustSay(failure(() => assertStringIncludes("abc", "d", "why")), "why");
});

Deno.test("assertExists() refuses null and undefined alone", () => {
  for (const value of [0, "", false, NaN]) assertExists(value);
  for (const value of [null, undefined]) failure(() => assertExists(value));
});

function raise(error: unknown): never {
  throw error;
}

Deno.test("assertThrows() returns what was thrown", () => {
  const thrown = new RangeError("out of reach");
  assertEquals(assertThrows(() => raise(thrown)) === thrown, true);
  assertEquals(assertThrows(() => raise("text")), "text");
  const typed: RangeError = assertThrows(() => raise(thrown), RangeError);
  assertEquals(typed === thrown, true);
  assertThrows(() => raise(thrown), Error, "of reach");
});

Deno.test("assertThrows() refuses what it was not told to expect", () => {
  mustSay(failure(() => assertThrows(() => 1, "why")), "why");
  mustSay(
    failure(() => assertThrows(() => 1, Error, "part", "why")),
    "Expected function to throw",
  );
  const error = new RangeError("out of reach");
  failure(() => assertThrows(() => raise(error), TypeError));
  failure(() => assertThrows(() => raise(error), RangeError, "else"));
  failure(() => assertThrows(() => raise("text"), Error));
});

Deno.test("assertRejects() returns what the promise rejects with", async () => {
  const error = new RangeError("out of reach");
  assertEquals(await assertRejects(() => Promise.reject(error)), error);
  const typed: RangeError = await assertRejects(
    () => Promise.reject(error),
    RangeError,
    "of reach",
  );
  assertEquals(typed === error, true);
});

Deno.test("assertRejects() refuses what it was not told to expect", async () => {
  const error = new RangeError("out of reach");
  const reject = () => Promise.reject(error);
  mustSay(
    await laterFailure(() => assertRejects(() => Promise.resolve(), "why")),
    "why",
  );
  await laterFailure(() => assertRejects(reject, TypeError));
  await laterFailure(() => assertRejects(reject, RangeError, "else"));
  await laterFailure(() => assertRejects(() => Promise.reject("text"), Error));
});

Deno.test("assertRejects() refuses a function that throws at once", async () => {
  await laterFailure(() => assertRejects(() => raise(new Error("at once"))));
  const none = (() => 1) as unknown as () => Promise<unknown>;
  await laterFailure(() => assertRejects(none));
});
