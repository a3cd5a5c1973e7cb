// The network that an attack saw in place of the one that was measured: adversarial images
// are made on one network, and the other is asked about them (Papernot et al., 2017). Its
// name stands in the name of the attack, so that such a result never passes for one of the
// attack on the network itself.

import { object, type Shape, text } from "./stored_shape.ts";

/** A network that adversarial images were made on. */
export interface AttackSource {
  /** The run or file that it is from, such as "runs/other" or "other.pt". */
  readonly name: string;
  /** Its name there: "student", "teacher", or "network" of a file. */
  readonly network: string;
  /** The SHA-256 of its file. */
  readonly sha256: string;
}

/** A source as it is read from a file. */
export const ATTACK_SOURCE: Shape = object<AttackSource>({
  name: text,
  network: text,
  sha256: text,
});

/** An attack's name with its source: "pgd-20 from runs/other". */
export function transferName(attack: string, source: AttackSource): string {
  const { name, network } = source;
  const other = ["teacher", "average"].find((one) => one === network);
  return `${attack} from ${other ? `the ${other} of ` : ""}${name}`;
}

/** The attack's own name, and the rest of a name that has a source. */
export function withoutSource(
  name: string,
): readonly [attack: string, rest: string] {
  const at = name.indexOf(" from ");
  return at < 0 ? [name, ""] : [name.slice(0, at), name.slice(at)];
}
