// The average of the student's weights, a second network of its architecture, updated at the
// end of every step by a weight from the host (`src/config/averaging.ts`).

import type { Graph } from "../graph/graph.ts";
import { lerp } from "../ops/lerp.ts";
import { store } from "../ops/store.ts";
import type { Controls } from "./controls.ts";
import type { Method } from "./method.ts";
import type { StepParts } from "./step_inputs.ts";

/** The student, its average if there is one, and how the average moves. */
export interface Averaging extends Pick<StepParts, "student" | "average"> {
  readonly method: Pick<Method, "averaging">;
  readonly controls: Controls;
}

/** Traces the update of the average, if there is one. */
export function averageStudent(
  graph: Graph,
  { average, student, method: { averaging }, controls }: Averaging,
): void {
  if (!average || !averaging) return;
  const weight = graph.read(controls.averageWeight);
  const { parameters, buffers } = average.materialized;
  const newest = student.materialized;
  lerp(parameters, { newest: newest.parameters, weight });
  // Those of SWA are computed anew before they are needed.
  if (!buffers || averaging.kind === "swa") return;
  if (averaging.statistics === "averaged") {
    lerp(buffers, { newest: newest.buffers!, weight });
  } else {
    store(graph.read(newest.buffers!), buffers);
  }
}
