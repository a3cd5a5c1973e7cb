// Grids: `objective.beta=1,2,3` stands for three settings, each of its own run. A comma
// makes a list only where the text as a whole is no value of the field, so that a value
// with a comma in it stays one.

import { UserError } from "../base/errors.ts";
import type { Experiment } from "./experiment.ts";
import { acceptsSetting, applySetting } from "./settings.ts";

/** Settings, and which of them tell the runs of a grid apart. */
export interface GridPoint {
  /** One value for each key, as for {@linkcode applySettings}. */
  readonly settings: readonly string[];
  /** Those of them that were picked from a list. */
  readonly chosen: readonly string[];
}

/**
 * The points of the grid that settings span: the last list varies fastest. One point if
 * there is no list.
 *
 * @throws {UserError} for a key that does not exist, or a value of another kind.
 */
export function settingGrid(
  experiment: Experiment,
  settings: readonly string[],
): GridPoint[] {
  let points: (GridPoint & { readonly at: Experiment })[] = [
    { settings: [], chosen: [], at: experiment },
  ];
  for (const setting of settings) {
    points = points.flatMap(({ settings, chosen, at }) => {
      const values = valuesOf(at, setting);
      return values.map((one) => ({
        settings: [...settings, one],
        chosen: values.length > 1 ? [...chosen, one] : chosen,
        at: applySetting(at, one),
      }));
    });
  }
  return points.map(({ settings, chosen }) => ({ settings, chosen }));
}

/** The settings that one setting stands for. */
function valuesOf(experiment: Experiment, setting: string): string[] {
  const [key = "", text = ""] = splitAtFirst(setting, "=");
  const isList = text.includes(",") && !/^\s*[[{"]/.test(text);
  if (!isList || acceptsSetting(experiment, setting)) return [setting];
  const values = text.split(",").map((value) => `${key}=${value.trim()}`);
  const repeated = values.find((value, i) => values.indexOf(value) !== i);
  if (repeated !== undefined) {
    throw new UserError(
      `Cannot set ${key}: expected different values but found ${repeated} twice`,
    );
  }
  return values;
}

function splitAtFirst(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
