// Teachers that were trained before: where they are found, what is refused, and
// that a frozen one does not move by a bit, whatever looks at it.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import { applySettings } from "../../src/config/settings.ts";
import { UserError } from "../../src/base/errors.ts";
import { join } from "@std/path";
import { sha256 } from "../../src/data/dataset.ts";
import { shapes } from "../../src/data/shapes.ts";
import type {
  Experiment,
  PretrainedConfig,
} from "../../src/config/experiment.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { loadCheckpoint } from "../../src/runs/checkpoint.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import { networkFile } from "../../src/weights/network_file.ts";
import { networkTensors } from "../../src/weights/network_tensors.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import type { StoredTensor } from "../../src/weights/stored_tensor.ts";
import { readTeacher } from "../../src/trainer/pretrained_teacher.ts";
import { train, type TrainingEvent } from "../../src/trainer/trainer.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const WIDTH = 4;
const dataset = shapes({ seed: 1, train: 56, test: 16 });
const base: Experiment = {
  ...EXAMPLE,
  epochs: 1,
  batchSize: 16,
  data: { dataset: "shapes", train: 56, test: 16 },
  student: { network: "resnet8", width: WIDTH },
  attack: { ...EXAMPLE.attack!, steps: 1 } as Experiment["attack"],
  evaluation: {
    ...EXAMPLE.evaluation,
    validation: 8,
    attacks: { fgsm: { method: "fgsm", norm: "linf", epsilon: "8/255" } },
  },
};

/** The experiment with a teacher from a file. */
function guidedBy(
  pretrained: PretrainedConfig,
  changes: Partial<Experiment> = {},
): Experiment {
  const teacher = { network: "resnet8", width: WIDTH, pretrained } as const;
  return { ...base, teacher, ...changes };
}

/** A network's file with values that no draw of the tests gives. */
async function writeTeacher(path: string, width = WIDTH, classes = 10) {
  const materialized = materialize(
    resnet8({ classes, width }),
    "elsewhere",
  );
  const { parameters, buffers } = materialized;
  const values = {
    parameters: initialValues(materialized, { flat: parameters, seed: 9 }),
    buffers: initialValues(materialized, { flat: buffers!, seed: 9 })
      .map((value) => 1.5 * value + 0.25),
  };
  await Deno.writeFile(path, networkFile({ materialized, values }));
  return networkTensors(materialized, values);
}

const frozen = { frozen: true, mode: "eval" } as const;

Deno.test("readTeacher() reads a file, and tells its hash", async () => {
  await withFolder(async (folder) => {
    const from = join(folder, "teacher.safetensors");
    await writeTeacher(from);
    const found = await readTeacher(guidedBy({ from, ...frozen }), {
      classes: 10,
    });
    assertEquals(found!.file, from);
    assertEquals(found!.sha256, await sha256(await Deno.readFile(from)));
    assertEquals(found!.notes, []);
    assertEquals(await readTeacher(base, { classes: 10 }), null);
  });
});

Deno.test("readTeacher() has notes on a file with several networks", async () => {
  const file = new URL("../fixtures/torch_files/kinds/ema.pt", import.meta.url);
  const pretrained = { from: file.pathname, ...frozen };
  const teacher = { network: "resnet8", width: 2, pretrained } as const;
  const found = await readTeacher({ ...base, teacher }, { classes: 10 });
  assertEquals(found!.notes, [
    "The weights are those under model.",
    "Others that fit as well are not read: ema_state_dict; --key NAME reads another.",
  ]);
});

Deno.test("readTeacher() refuses what is not there and what does not fit", async () => {
  await withFolder(async (folder) => {
    const read = (from: string) =>
      readTeacher(guidedBy({ from, ...frozen }), { classes: 10 });
    await assertRejects(
      () => read(join(folder, "none")),
      Error,
      "expected the folder of a run or a file of weights but found nothing",
    );
    await assertRejects(
      () => read(folder),
      Error,
      "but found a folder without last.safetensors",
    );
    const wide = join(folder, "wide.safetensors");
    await writeTeacher(wide, WIDTH + 1);
    await assertRejects(() => read(wide), UserError, "wrongly shaped");
    const text = join(folder, "text");
    await Deno.writeTextFile(text, "a teacher");
    await assertRejects(() => read(text), UserError, text);
  });
});

/** The tensors of a session after a few steps with a teacher from a file. */
async function afterSteps(experiment: Experiment, steps: number) {
  const split = dataset.train;
  const teacher = (await readTeacher(experiment, { classes: 10 }))!.values;
  await using session = await TrainingSession.open(await testDevice(), {
    experiment,
    dataset,
    split,
    teacher,
  });
  for (let step = 0; step < steps; step++) session.runStep(step);
  return await session.save();
}

function sameTensors(
  a: ReadonlyMap<string, StoredTensor>,
  b: ReadonlyMap<string, StoredTensor>,
  which: RegExp,
): boolean {
  return [...a].filter(([name]) => which.test(name)).every(([name, { data }]) =>
    data.every((value, i) => value === b.get(name)!.data[i])
  );
}

const ALL = /./, PARAMETERS = /weight|bias/, STATISTICS = /running/;

/** Methods of which one's gradient reaches a teacher that learns. */
const METHODS: Readonly<Record<string, Partial<Experiment>>> = {
  "frpat": {},
  "lbgat": {
    objective: { method: "lbgat", base: { kind: "none" }, detach: false },
  },
};

for (const [name, changes] of Object.entries(METHODS)) {
  for (const mode of ["eval", "train"] as const) {
    Deno.test(`a frozen teacher in ${mode} mode keeps every bit: ${name}`, async () => {
      await withFolder(async (folder) => {
        const from = join(folder, "teacher.safetensors");
        const before = await writeTeacher(from);
        const use = { from, frozen: true, mode };
        const { tensors, metrics } = await afterSteps(
          guidedBy(use, changes),
          2,
        );
        assert(sameTensors(before, tensors.teacher!, ALL));
        assertEquals(tensors["velocity.teacher"], undefined);
        assertEquals(metrics["sum of teacher"], undefined);
        assert(metrics["sum of relation"]! > 0);
        const moving = [...tensors["velocity.student"]!.values()];
        assert(moving.some(({ data }) => data.some((value) => value !== 0)));
      });
    });
  }
}

Deno.test("a teacher that learns on starts from its file, with the mode's statistics", async () => {
  await withFolder(async (folder) => {
    const from = join(folder, "teacher.safetensors");
    const before = await writeTeacher(from);
    for (const mode of ["eval", "train"] as const) {
      const experiment = guidedBy({ from, frozen: false, mode });
      const start = await afterSteps(experiment, 0);
      assert(sameTensors(before, start.tensors.teacher!, ALL));
      const { tensors, metrics } = await afterSteps(experiment, 1);
      assert(!sameTensors(before, tensors.teacher!, PARAMETERS));
      const still = sameTensors(before, tensors.teacher!, STATISTICS);
      assertEquals(still, mode === "eval");
      assert(metrics["sum of teacher"]! > 0);
    }
  });
});

async function runIn(
  path: string,
  experiment: Experiment,
  options: {
    readonly resume?: boolean;
    readonly stopAt?: (event: TrainingEvent) => boolean;
    readonly withTeacher?: boolean;
  } = {},
) {
  const { resume = false, stopAt, withTeacher = true } = options;
  const device = await testDevice();
  const teacher = withTeacher
    ? await readTeacher(experiment, { classes: 10 })
    : null;
  const environment = await describeEnvironment({
    device,
    dataset,
    commit: null,
    teacher,
  });
  using folder = resume
    ? await RunFolder.resume(path)
    : await RunFolder.create(path, { experiment, environment });
  const stop = new AbortController();
  const { signal } = stop;
  const onEvent = (event: TrainingEvent) => stopAt?.(event) && stop.abort();
  const run = { device, experiment, dataset, folder, teacher, resume };
  return await train({ ...run, signal, onEvent });
}

Deno.test("train() takes a run's teacher, records its file, and resumes without it", async () => {
  await withFolder(async (folder) => {
    const standard: Experiment = {
      ...base,
      objective: { method: "standard" },
      regularizers: [],
      attack: null,
      teacher: null,
    };
    const from = join(folder, "standard");
    await runIn(from, standard);
    const experiment = guidedBy({ from, ...frozen });
    const [whole, stopped] = ["whole", "stopped"].map((n) => join(folder, n));
    assert((await runIn(whole!, experiment)).finished);
    const stopAt = ({ kind }: TrainingEvent) => kind === "start";
    await runIn(stopped!, experiment, { stopAt });
    const { environment } = await RunFolder.open(stopped!);
    const file = join(from, "last.safetensors");
    assertEquals(environment.teacher, {
      file: `${from}/last.safetensors`,
      sha256: await sha256(await Deno.readFile(file)),
    });
    const taught = await loadCheckpoint(file);
    await Deno.remove(from, { recursive: true });
    await runIn(stopped!, experiment, { resume: true, withTeacher: false });
    const [a, b] = await Promise.all(
      [whole, stopped].map((path) =>
        loadCheckpoint(join(path!, "last.safetensors"))
      ),
    );
    assertEquals(a!.tensors, b!.tensors);
    assertEquals(a!.tensors.teacher, taught.tensors.student);
  });
});

Deno.test("train() refuses to start anew where the teacher is to be another", async () => {
  await withFolder(async (folder) => {
    const experiment = guidedBy({ from: "elsewhere", ...frozen });
    await assertRejects(
      () => runIn(join(folder, "run"), experiment, { withTeacher: false }),
      TypeError,
      "expected the teacher of elsewhere but found none",
    );
  });
});

const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.5] };

/** The experiment with a frozen teacher of five classes and its own normalization. */
function guidedByStranger(
  from: string,
  changes: Partial<Experiment> = {},
): Experiment {
  const pretrained = { from, ...frozen, classes: 5 };
  const teacher = { network: "resnet8", width: WIDTH, pretrained } as const;
  return { ...base, teacher: { ...teacher, normalization }, ...changes };
}

Deno.test("train() takes the features of a teacher with other classes and a normalization, and measures the student alone", async () => {
  await withFolder(async (folder) => {
    const from = join(folder, "teacher.safetensors");
    const before = await writeTeacher(from, WIDTH, 5);
    const run = join(folder, "run");
    const outcome = await runIn(run, guidedByStranger(from));
    assert(outcome.finished);
    assertEquals(outcome.card.last.teacher, null);
    const { tensors, metrics } = await loadCheckpoint(
      join(run, "last.safetensors"),
    );
    assertEquals(metrics["sum of teacher correct"], undefined);
    assert(metrics["sum of relation"]! > 0);
    const kept = tensors.teacher!;
    assertEquals(kept.get("linear.weight"), undefined);
    for (const [name, { data }] of before) {
      assertEquals(kept.get(`model.${name}`)!.data, data, name);
    }
    assertEquals(
      kept.get("std")!.data,
      Float32Array.from(normalization.std),
    );
  });
});

Deno.test("a teacher with classes of its own is refused where its logits or labels count", () => {
  const check = (experiment: Experiment) => () => checkExperiment(experiment);
  checkExperiment(guidedByStranger("a.pt"));
  assertThrows(
    check(guidedByStranger("a.pt", METHODS["lbgat"])),
    UserError,
    "expected teacher.pretrained.classes to be absent for lbgat, which compares",
  );
  const { teacher } = guidedByStranger("a.pt");
  const pretrained = { ...teacher!.pretrained!, frozen: false };
  assertThrows(
    check({ ...base, teacher: { ...teacher!, pretrained } }),
    UserError,
    "expected teacher.pretrained.frozen to be true",
  );
});

Deno.test("--set teacher=… takes a network's name, and a model of RobustBench in full", () => {
  const set = (...settings: string[]) => applySettings(base, settings).teacher;
  assertEquals(set("teacher=resnet18"), { network: "resnet18" });
  assertEquals(
    set(
      'data={"dataset":"cifar100"}',
      "teacher=robustbench:Rice2020Overfitting",
    ),
    {
      network: "preact-resnet18",
      normalization: {
        mean: [0.5071, 0.4865, 0.4409],
        std: [0.2673, 0.2564, 0.2762],
      },
      pretrained: {
        from: "Rice2020Overfitting.pt",
        frozen: true,
        mode: "eval",
      },
    },
  );
  const stranger = set("teacher=robustbench:Rice2020Overfitting");
  assertEquals(stranger!.pretrained!.classes, 10);
});
