// What a kind of network says of itself: its name and fields in an experiment, the
// names that people write, and the function that makes it. The list in `networks.ts`
// names all kinds.

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
  /** As it stands in an experiment. */
  readonly network: C["network"];
  /** What it is, in a few words. */
  readonly about: string;
  /** Its sizes. */
  readonly fields: Fields<Omit<C, "network">>;
  /** What is wrong between its sizes, each of which is right by itself. */
  check?(config: C): Mismatch | null;
  /**
   * Names such as "wide-resnet-DEPTH-WIDTH", whose words in capitals are whole numbers,
   * and what they stand for. Capitals and dashes do not matter, but between numbers.
   */
  readonly names: Readonly<
    Record<string, (...numbers: readonly number[]) => C>
  >;
  /** Whether its published weights expect normalized images, however that is done. */
  readonly normalized?: boolean;
  /** Names to tell of, with numbers in them. */
  readonly examples: readonly string[];
  /** Makes the network for a number of classes. */
  create(config: C & { readonly classes: number }): Network;
}
