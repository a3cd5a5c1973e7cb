// Experiments that nobody thought of: values drawn for every field, of any kinds that
// the lists have, kept where the experiment's own check takes them. Sizes are small,
// so that they can also be built.

import type { Field, FieldsByName } from "../../src/base/fields.ts";
import { uniform } from "../../src/base/random_sequence.ts";
import { misfitIn } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { EXPERIMENT } from "../../src/config/experiment_fields.ts";
import { OBJECTIVES } from "../../src/methods/objectives.ts";

/** More random numbers than an experiment takes. */
const NUMBERS = 2000;

/** Values of fields by their names, wherever they stand: what keeps sizes small. */
const SMALL: Readonly<Record<string, readonly unknown[]>> = {
  name: ["drawn/one", "drawn/Zwei & <drei>"],
  train: [24, 25, 40],
  test: [8, 9],
  validation: [8],
  every: [1, 2, 5],
  epochs: [1, 2, 3],
  batchSize: [2, 5, 8, 16],
  width: [2, 4],
  padding: [0, 4],
  recompute: [false, true],
  precision: ["f32"],
  reported: [null],
  pretrained: [undefined],
  extra: [undefined],
  teacherFeatures: [undefined],
  from: [undefined],
};

/** The objectives, of which each seed takes the next. */
const OBJECTIVE_NAMES = Object.keys(OBJECTIVES);

/** The experiment that a seed stands for. */
export function generatedExperiment(seed: number): Experiment {
  const objective = OBJECTIVE_NAMES[seed % OBJECTIVE_NAMES.length]!;
  for (let step = 0; step < 5000; step++) {
    const draw = new Draw(objective, { seed, step });
    const drawn = draw.value(EXPERIMENT, "") as Experiment;
    // What fits together is up to the kinds; half of what is optional is drawn.
    const fitting = [
      drawn,
      { ...drawn, attack: null },
      { ...drawn, teacher: null },
      { ...drawn, attack: null, teacher: null },
    ].find((one) => misfitIn(one) === null);
    if (fitting) return fitting;
  }
  throw new RangeError(`Cannot draw an experiment from the seed ${seed}`);
}

/** Random choices, one after the other. */
class Draw {
  readonly #numbers: Float32Array;
  readonly #objective: string;
  #at = 0;

  constructor(
    objective: string,
    address: { readonly seed: number; readonly step: number },
  ) {
    this.#objective = objective;
    this.#numbers = uniform({ ...address, stream: "experiments" }, NUMBERS);
  }

  #next(): number {
    return this.#numbers[this.#at++]!;
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.#next() * values.length)]!;
  }

  #whole(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** A value that a field takes, if its parts fit together. */
  value(field: Field, name: string): unknown {
    if (Object.hasOwn(SMALL, name)) return this.#oneOf(SMALL[name]!);
    switch (field.kind) {
      case "number":
        return this.#number(field);
      case "fraction":
        return this.#oneOf(["8/255", "0.031", "2/255", "0.00001", "0.5"]);
      case "boolean":
        return this.#next() < 0.5;
      case "text":
        return this.#oneOf(["a", "zwei Wörter", "<b>", "名前"]);
      case "choice":
        return this.#oneOf(field.values);
      case "list": {
        const length = field.least + this.#whole(0, 2);
        return Array.from({ length }, () => this.value(field.of, ""));
      }
      case "record": {
        const names = ["pgd-20", "clean2", "constructor", "A.b+c", "toString"];
        const count = this.#whole(1, 2);
        return Object.fromEntries(
          Array.from(
            { length: count },
            () => [this.#oneOf(names), this.value(field.of, "")],
          ),
        );
      }
      case "nullable":
        return this.#next() < 0.3 ? null : this.value(field.of, name);
      case "optional":
        return this.#next() < 0.7 ? undefined : this.value(field.of, name);
      case "object":
        return this.#object(field.fields);
      case "union": {
        const kinds = this.#kindsOf(field, name);
        const kind = this.#oneOf(kinds);
        const { fields } = field.variants[kind]!;
        return { [field.tag]: kind, ...this.#object(fields) };
      }
    }
  }

  /** The kinds to choose from: small ones, and an attack that the objective needs. */
  #kindsOf(
    { tag, variants }: Extract<Field, { readonly kind: "union" }>,
    name: string,
  ): readonly string[] {
    if (tag === "network") return ["resnet8"];
    if (tag === "dataset") return ["shapes"];
    if (name === "objective") return [this.#objective];
    const plans = Object.hasOwn(variants, "strategic-pgd") &&
      this.#objective.startsWith("las-");
    return plans ? ["strategic-pgd"] : Object.keys(variants);
  }

  #object(fields: FieldsByName): Record<string, unknown> {
    const entries = Object.entries(fields).map(([name, field]) =>
      [name, this.value(field, name)] as const
    );
    return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
  }

  #number(
    field: Extract<Field, { readonly kind: "number" }>,
  ): number {
    const { whole, least, above, most, below } = field;
    const low = least ?? above ?? -2;
    const high = Math.min(most ?? below ?? Infinity, low + 3);
    if (whole) return this.#whole(low, high);
    if (least !== undefined && this.#next() < 0.2) return least;
    // Strictly between the ends.
    return low + (high - low) * (0.01 + 0.98 * this.#next());
  }
}
