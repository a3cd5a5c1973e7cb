import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Attack } from "../../../src/methods/attack.ts";
import { startingPoint } from "../../../src/methods/attacks/pgd.ts";
import { restarted } from "../../../src/methods/attacks/restarted.ts";
import { linf } from "../../../src/methods/threat_model.ts";
import {
  attackLinearClassifier,
  LinearClassifier,
  linearExamples,
} from "../../support/linear_classifier.ts";

const network = new LinearClassifier(5);
const examples = linearExamples(network, { count: 12, norm: "linf" });
/** Random points of the ball: no step is taken. */
const draw: Attack = {
  name: "draw",
  maximize: (_, inputs) =>
    startingPoint(inputs, {
      threat: linf(0.05),
      start: { kind: "uniform", clip: true },
    }),
};

function crossEntropies(images: Float32Array<ArrayBuffer>): number[] {
  return Array.from(examples.labels, (label, n) => {
    const z = network.logits(images.slice(48 * n, 48 * (n + 1)));
    return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[label]!;
  });
}

Deno.test("restarted() keeps for each image the run with the largest surrogate", async () => {
  const only = (restart: number): Attack => ({
    ...draw,
    maximize: (surrogate, inputs) => {
      const { random } = inputs;
      const stream = restart ? `${random.stream}/${restart}` : random.stream;
      const own = { ...inputs, random: { ...random, stream } };
      return draw.maximize(surrogate, own);
    },
  });
  const runs: Float32Array<ArrayBuffer>[] = [];
  for (const restart of [0, 1, 2]) {
    const { images } = await attackLinearClassifier(
      only(restart),
      network,
      examples,
    );
    runs.push(images);
  }
  const losses = runs.map(crossEntropies);
  const { images } = await attackLinearClassifier(
    restarted(draw, { restarts: 3 }),
    network,
    examples,
  );
  const chosen = new Set<number>();
  examples.labels.forEach((_, n) => {
    const own = losses.map((loss) => loss[n]!);
    const best = own.indexOf(Math.max(...own));
    chosen.add(best);
    const part = (all: Float32Array) => all.slice(48 * n, 48 * (n + 1));
    assertEquals(part(images), part(runs[best]!), `image ${n}`);
  });
  assert(chosen.size > 1, "several runs are best somewhere");
});

Deno.test("restarted() of one run is the attack itself", () => {
  assertEquals(restarted(draw, { restarts: 1 }), draw);
  assertThrows(() => restarted(draw, { restarts: 0 }), RangeError, "found 0");
});
