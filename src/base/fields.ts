// Fields of configurations, as data: the values that a field takes, its meaning, and the
// part of it that a short run does not reach. Checks, help and JSON Schema follow from
// these. zod and valibot are not used, since their schemas have inferred types, which JSR
// refuses in exports, and no values such as "8/255".

/** The range of a number; any number if empty. */
export interface NumberRange {
  /** The smallest value. */
  readonly least?: number;
  /** The largest value. */
  readonly most?: number;
  /**
   * The most that is ever tried, so that no typing error takes all memory. Errors
   * name it to those who exceed it alone.
   */
  readonly ceiling?: number;
  /** A bound that values exceed. */
  readonly above?: number;
  /** A bound that values stay below. */
  readonly below?: number;
}

/** The descriptions that any field can have. */
export interface Described {
  /** The meaning of the value, in a few words. */
  readonly about?: string;
  /** What a value that does not fit was perhaps meant to be; null where nobody knows. */
  meant?(found: unknown): string | null;
  /**
   * A sentence about the part of the value that a run of so many epochs does not reach;
   * null if it reaches everything.
   */
  unreached?(value: never, epochs: number): string | null;
}

/** The shapes that values have. */
export type FieldShape =
  | { readonly kind: "number"; readonly whole: boolean } & NumberRange
  /** A number that stays text, as a paper prints it. */
  | { readonly kind: "fraction" } & NumberRange
  | { readonly kind: "boolean" | "text" }
  | { readonly kind: "choice"; readonly values: readonly (string | number)[] }
  | { readonly kind: "list"; readonly of: Field; readonly least: number }
  /** Any names, all with the same field. */
  | { readonly kind: "record"; readonly of: Field }
  | { readonly kind: "nullable"; readonly of: Field }
  /** May be left out. */
  | { readonly kind: "optional"; readonly of: Field }
  | { readonly kind: "object" } & Variant
  /** An object whose fields depend on the kind that `tag` names. */
  | {
    readonly kind: "union";
    readonly tag: string;
    readonly variants: Readonly<Record<string, Variant>>;
    /** The kind of an object that names none; each has to if left out. */
    readonly otherwise?: string;
  };

/** The values that a field takes, and their meaning. */
export type Field = FieldShape & Described;

/** Fields by name. */
export type FieldsByName = Readonly<Record<string, Field>>;

/** Exactly the fields of `T`: the compiler reports one that is missing or unknown. */
export type Fields<T> = { readonly [K in keyof T]-?: Field };

/** An object's fields; every kind of a list is one. */
export interface Variant {
  /** A short description. */
  readonly about?: string;
  /** Its fields. */
  readonly fields: FieldsByName;
  /** Checks fields against each other; each one is valid by itself. */
  check?(value: never): Mismatch | null;
  /** A sentence about what can be meant, but hardly is; null where all is well. */
  doubt?(value: never): string | null;
}

/** A wrong value: where it is, and what was expected. */
export interface Mismatch {
  /** The field, such as "attack.steps". */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A finite number. */
export function number(options: NumberRange & Described = {}): Field {
  return { kind: "number", whole: false, ...options };
}

/** A whole number. */
export function whole(options: NumberRange & Described = {}): Field {
  return { kind: "number", whole: true, ...options };
}

/** A number or quotient that stays text: "0.031" or "8/255". */
export function fraction(options: NumberRange & Described = {}): Field {
  return { kind: "fraction", ...options };
}

/** True or false. */
export function boolean(options: Described = {}): Field {
  return { kind: "boolean", ...options };
}

/** A text that is not empty. */
export function text(options: Described = {}): Field {
  return { kind: "text", ...options };
}

/** One of the given values. */
export function choice(
  values: readonly (string | number)[],
  options: Described = {},
): Field {
  return { kind: "choice", values, ...options };
}

/** A list of at least `least` values; of any length if left out. */
export function list(
  of: Field,
  { least = 0, ...options }: { readonly least?: number } & Described = {},
): Field {
  return { kind: "list", of, least, ...options };
}

/** Values of one kind by any names. */
export function record(of: Field, options: Described = {}): Field {
  return { kind: "record", of, ...options };
}

/** A value, or null. */
export function nullable(of: Field, options: Described = {}): Field {
  return { kind: "nullable", of, ...options };
}

/** A value that may be left out. */
export function optional(of: Field, options: Described = {}): Field {
  return { kind: "optional", of, ...options };
}

/** An object with exactly the fields of `T`. */
export function object<T>(
  fields: Fields<T>,
  options: Described & Pick<Variant, "check" | "doubt"> = {},
): Field {
  return { kind: "object", fields: fields as FieldsByName, ...options };
}

/** More about a union. */
export interface UnionOptions extends Described {
  /** The kind of an object that names none; each has to if left out. */
  readonly otherwise?: string;
}

/** An object that is one of several kinds, by the name in its field `tag`. */
export function union(
  tag: string,
  variants: Readonly<Record<string, Variant>>,
  options: UnionOptions = {},
): Field {
  return { kind: "union", tag, variants, ...options };
}

/**
 * The values of a field as text: "a whole number of at least 1".
 *
 * @param found A value that it does not take.
 */
export function describe(field: Field, found?: unknown): string {
  switch (field.kind) {
    case "number": {
      const { ceiling = Infinity } = field;
      const range = Number(found) > ceiling
        ? { ...field, most: ceiling }
        : field;
      return rangeText(field.whole ? "a whole number" : "a number", range);
    }
    case "fraction":
      return rangeText('a number or quotient such as "8/255"', field);
    case "boolean":
      return "true or false";
    case "text":
      return isNumberName(found) ? "a text that is no number" : "a text";
    case "choice":
      return field.values.length > 1
        ? `one of ${field.values.join(", ")}`
        : String(field.values[0]);
    case "list":
      return field.least > 0
        ? `a JSON array of at least ${field.least}`
        : "a JSON array";
    case "nullable":
      return `${describe(field.of, found)} or null`;
    case "optional":
      return describe(field.of, found);
    case "union":
      return field.otherwise
        ? "a JSON object"
        : `a JSON object with "${field.tag}"`;
    case "record":
    case "object":
      return "a JSON object";
  }
}

/** "a number above 0", "a number from 0 to 1". */
function rangeText(
  what: string,
  { least, most, above, below }: NumberRange,
): string {
  if (least !== undefined && most !== undefined) {
    return `${what} from ${least} to ${most}`;
  }
  const limits = [
    ...least === undefined ? [] : [`of at least ${least}`],
    ...above === undefined ? [] : [`above ${above}`],
    ...below === undefined ? [] : [`below ${below}`],
    ...most === undefined ? [] : [`of at most ${most}`],
  ];
  return [what, limits.join(" and ")].filter(Boolean).join(" ");
}

/** Whether a value is, or as a text becomes in a file, NaN or an infinity. */
export function isNumberName(value: unknown): boolean {
  return ["NaN", "Infinity", "-Infinity"].includes(String(value));
}

/** Whether a number is in a range. */
export function inRange(
  value: number,
  { least, most, ceiling, above, below }: NumberRange,
): boolean {
  return Number.isFinite(value) &&
    value >= (least ?? -Infinity) && value <= (most ?? ceiling ?? Infinity) &&
    value > (above ?? -Infinity) && value < (below ?? Infinity);
}
