// FRPAT's Figure 2d: how the relationship scores of networks trained by TRADES follow
// its weight of robustness, beta, clean and under attack, for each number of
// neighbors.

import type { ObjectiveConfig } from "../../config/experiment.ts";
import type { RelationResult } from "../../runs/result_card.ts";
import type { Chart, LinePoint } from "./chart.ts";

/** A run that may have been trained by TRADES and scored. */
export interface ScoredRun {
  readonly objective: ObjectiveConfig;
  /** Its scores at the best epoch. */
  readonly relation:
    | Pick<RelationResult, "relationClean" | "relationRobust">
    | undefined;
}

/** The chart of scores at the best epoch; null for fewer than two values of beta. */
export function relationCurves(runs: readonly ScoredRun[]): Chart | null {
  const points = runs.flatMap(pointsOf).sort((a, b) => a.x - b.x);
  const betas = [...new Set(points.map(({ x }) => x))];
  if (betas.length < 2) return null;
  return {
    kind: "lines",
    name: "relations",
    title: "Relationship score against TRADES' β",
    description: `The percentage of test images whose nearest training ` +
      `features vote for their class, clean and adversarial, for TRADES with ` +
      `β = ${betas.join(", ")}.`,
    x: { title: "β" },
    y: { title: "relationship score (%)", domain: [0, 100] },
    points,
  };
}

function pointsOf({ objective, relation }: ScoredRun): LinePoint[] {
  if (objective.method !== "trades" || !relation) return [];
  const kinds = {
    clean: relation.relationClean,
    robust: relation.relationRobust,
  };
  return Object.entries(kinds).flatMap(([kind, percents]) =>
    Object.entries(percents).map(([k, y]) => ({
      series: `${kind}, k = ${k}`,
      x: objective.beta,
      y,
    }))
  );
}
