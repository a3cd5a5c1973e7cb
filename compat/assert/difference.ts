/**
 * Where two values first differ, under the equality that `@std/assert`
 * documents: values of one prototype are compared by content, numbers by
 * SameValueZero (`0` equals `-0`, `NaN` equals `NaN`), maps and sets whatever
 * their order. Finding the place rather than answering yes or no is what lets
 * a failed `assertEquals` on a large array say which element is wrong.
 */

/** A place inside two values, as it would be written in code, and both ends. */
export interface Difference {
  readonly path: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** The first place where the two differ; undefined where they are equal. */
export function difference(
  actual: unknown,
  expected: unknown,
): Difference | undefined {
  return compare(actual, expected, { path: "", seen: new Map() });
}

interface Place {
  readonly path: string;
  /** Pairs under comparison further up: what makes a cycle end. */
  readonly seen: Map<unknown, unknown>;
}

function compare(a: unknown, b: unknown, at: Place): Difference | undefined {
  if (a === b || Object.is(a, b)) return undefined;
  const here: Difference = { path: at.path, actual: a, expected: b };
  if (!isObject(a) || !isObject(b) || prototype(a) !== prototype(b)) {
    return here;
  }
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} instances`);
  }
  if (at.seen.get(a) === b) return undefined;
  at.seen.set(a, b);
  if (a instanceof Date) {
    return Object.is(+a, +(b as Date)) ? undefined : here;
  }
  if (a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams) {
    return String(a) === String(b) ? undefined : here;
  }
  if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
    return compare(new Uint8Array(a), new Uint8Array(b as ArrayBuffer), at);
  }
  if (ArrayBuffer.isView(a) && !(a instanceof DataView)) {
    return compareElements(a as Elements, b as Elements, at);
  }
  if (a instanceof Set || a instanceof Map) {
    return sameEntries(a, b as typeof a, at) ? undefined : here;
  }
  return compareProperties(a, b, at);
}

type Dictionary = Record<PropertyKey, unknown>;
type Elements = ArrayBufferView & ArrayLike<number | bigint>;

/** Elements by index: a typed array may have millions. */
function compareElements(
  a: Elements,
  b: Elements,
  at: Place,
): Difference | undefined {
  if (a.length !== b.length) return lengthsDiffer(a, b, at);
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i], b[i])) {
      return { path: `${at.path}[${i}]`, actual: a[i], expected: b[i] };
    }
  }
  return undefined;
}

function compareProperties(
  a: object,
  b: object,
  at: Place,
): Difference | undefined {
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) {
    return lengthsDiffer(a, b, at);
  }
  for (const key of new Set([...keys(a), ...keys(b)])) {
    const path = at.path + written(key, Array.isArray(a));
    const [x, y] = [(a as Dictionary)[key], (b as Dictionary)[key]];
    if ((key in a) !== (key in b)) return { path, actual: x, expected: y };
    const found = compare(x, y, { path, seen: at.seen });
    if (found) return found;
  }
  return undefined;
}

function sameEntries(
  a: Set<unknown> | Map<unknown, unknown>,
  b: Set<unknown> | Map<unknown, unknown>,
  at: Place,
): boolean {
  if (a.size !== b.size) return false;
  const left = new Set(b.entries());
  for (const entry of a.entries()) {
    const twin = left.values().find((other) =>
      !compare(entry, other, { ...at, seen: new Map(at.seen) })
    );
    if (!twin) return false;
    left.delete(twin);
  }
  return true;
}

/**
 * What is compared: own enumerable properties; for an instance of a class also
 * what its prototypes define, so that getters over private fields count.
 */
function keys(object: object): Iterable<PropertyKey> {
  if (Array.isArray(object) || prototype(object) === Object.prototype) {
    return Reflect.ownKeys({ ...object });
  }
  const found = new Set<PropertyKey>();
  for (let o = object; o !== Object.prototype; o = prototype(o)) {
    for (const key of Reflect.ownKeys(o)) found.add(key);
  }
  return found;
}

/** An object without a prototype compares like a literal. */
function prototype(object: object): object {
  return Object.getPrototypeOf(object) ?? Object.prototype;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function lengthsDiffer(
  a: ArrayLike<unknown>,
  b: ArrayLike<unknown>,
  at: Place,
): Difference {
  return {
    path: `${at.path}.length`,
    actual: a.length,
    expected: b.length,
  };
}

function written(key: PropertyKey, inArray: boolean): string {
  if (typeof key === "symbol") return `[${String(key)}]`;
  if (inArray) return `[${String(key)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(key))
    ? `.${String(key)}`
    : `[${JSON.stringify(key)}]`;
}
