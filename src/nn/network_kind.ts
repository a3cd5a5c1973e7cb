// The description of a kind of network: its name and fields in an experiment, its common
// names, and the function that creates it. `networks.ts` lists all kinds.

import type { Fields, Mismatch } from "../base/fields.ts";
import type { Network } from "./network.ts";

/** A configuration of a kind: its name, and its sizes. */
export interface Architecture {
  /** The kind's name. */
  readonly network: string;
}

/** A configuration by the name of its kind. */
export type NetworkConfig<N extends string, O extends object = object> =
  & { readonly network: N }
  & Required<O>;

/** A kind of network. */
export interface NetworkKind<C extends Architecture = Architecture> {
  /** Its name in an experiment. */
  readonly network: C["network"];
  /** A short description. */
  readonly about: string;
  /** Its sizes. */
  readonly fields: Fields<Omit<C, "network">>;
  /** Checks sizes against each other; each one is valid by itself. */
  check?(config: C): Mismatch | null;
  /**
   * Names such as "wide-resnet-DEPTH-WIDTH", whose words in capitals are whole numbers,
   * and their configurations. Case does not matter, nor do dashes except between numbers.
   */
  readonly names: Readonly<
    Record<string, (...numbers: readonly number[]) => C>
  >;
  /** Whether its published weights expect normalized images. */
  readonly normalized?: boolean;
  /** Examples of names, with numbers in them. */
  readonly examples: readonly string[];
  /** Makes the network for a number of classes. */
  create(config: C & { readonly classes: number }): Network;
}
