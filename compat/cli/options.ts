/**
 * The options and the result of `parseArgs`, as types: a call with literal
 * names gets a result in which `boolean` names are booleans, `string` names
 * strings that may be missing, `collect` names arrays, names with a default
 * always there, and aliases as good as the names they stand for.
 *
 * @module
 */

/** What to make of the words on a command line. */
export interface ParseOptions<
  B extends string | boolean = string | boolean,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
  A extends Aliases<string> = Aliases<string>,
  DD extends boolean = boolean,
> {
  /** Whether what follows `--` goes to the result's `--` rather than its `_`. */
  readonly "--"?: DD | undefined;
  /** Further names of an option. */
  readonly alias?: A | undefined;
  /** Options without a value; `true` means every `--name` without one. */
  readonly boolean?: B | readonly Extract<B, string>[] | undefined;
  /** Options that may be given several times and make an array. */
  readonly collect?: C | readonly C[] | undefined;
  /** Values of options that are not given. */
  readonly default?: D | undefined;
  /** Options that `--no-name` sets to false. */
  readonly negatable?: N | readonly N[] | undefined;
  /** Whether everything after the first word that is no option goes to `_`. */
  readonly stopEarly?: boolean | undefined;
  /** Options whose value stays a string even where it reads as a number. */
  readonly string?: S | readonly S[] | undefined;
  /** Called for what no option declares; returning false leaves it out. */
  readonly unknown?:
    | ((arg: string, key?: string, value?: unknown) => unknown)
    | undefined;
}

/** What `parseArgs` returns: the options by name, and everything else in `_`. */
export type Args<
  // deno-lint-ignore no-explicit-any -- as the original
  T extends Record<string, unknown> = Record<string, any>,
  DD extends boolean = false,
> =
  & T
  & { _: (string | number)[] }
  & (boolean extends DD ? { "--"?: string[] }
    : DD extends true ? { "--": string[] }
    : unknown);

/** Further names, by name. */
export type Aliases<Name extends string> = Record<
  string,
  Name | readonly Name[]
>;

/** The options of a result; `any` where the call declares none. */
export type Values<
  B extends string | boolean,
  S extends string,
  C extends string,
  N extends string,
  D extends Record<string, unknown>,
  A extends Aliases<string>,
> = [Extract<B, string> | S | C] extends [never]
  // deno-lint-ignore no-explicit-any -- as the original
  ? Record<string, any>
  :
    & Record<string, unknown>
    & Aliased<Defaulted<Declared<Extract<B, string>, S, C, N>, D>, A>;

type Declared<
  B extends string,
  S extends string,
  C extends string,
  N extends string,
> =
  & { [Name in Exclude<B, C>]: boolean }
  & { [Name in B & C]: boolean[] }
  & { [Name in Exclude<S, C>]?: string | Negated<Name, N> }
  & { [Name in S & C]: string[] | Negated<Name, N> }
  & { [Name in Exclude<C, B | S>]: unknown[] | Negated<Name, N> };

type Negated<Name, N> = Name extends N ? false : never;

type Defaulted<T, D> =
  & Omit<T, keyof D>
  & {
    [Name in keyof D]: Name extends keyof T ? D[Name] | NonNullable<T[Name]>
      : unknown;
  };

type Aliased<T, A> = {
  [Name in keyof T as Name | AliasesOf<Name, A>]: T[Name];
};

type AliasesOf<Name, A> = Name extends keyof A
  ? A[Name] extends readonly (infer Alias extends string)[] ? Alias
  : Extract<A[Name], string>
  : never;
