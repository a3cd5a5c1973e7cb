// What somebody writes behind --set, and what they are told where it is wrong.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { recipe } from "../../src/recipes/mod.ts";
import { applySettings, settablePaths } from "../../src/config/settings.ts";

const FRPAT = recipe("table1/trades-frpat");

Deno.test("applySettings() changes the value at a path and nothing else", () => {
  const changed = applySettings(FRPAT, ["optimizer.weightDecay=5e-4"]);
  assertEquals(changed.optimizer, { ...FRPAT.optimizer, weightDecay: 5e-4 });
  const { optimizer: _, title: _title, reported: _reported, ...others } = FRPAT;
  for (const [part, value] of Object.entries(others)) {
    assertEquals(changed[part as keyof Experiment], value, part);
  }
  assertEquals(FRPAT.optimizer.weightDecay, 2e-4, "the recipe stays as it is");
});

Deno.test("applySettings() applies settings in their order", () => {
  const { student, epochs } = applySettings(FRPAT, [
    "student.width=5",
    'student={"network":"resnet8","width":4}',
    "student.width=8",
    "epochs=3",
  ]);
  assertEquals(student, { network: "resnet8", width: 8 });
  assertEquals(epochs, 3);
});

const PRETRAINED = { from: "runs/x", frozen: true, mode: "eval" } as const;

const ACCEPTED: readonly [
  setting: string,
  read: (experiment: Experiment) => unknown,
  expected: unknown,
][] = [
  ["seed=7", ({ seed }) => seed, 7],
  ["attack.epsilon=8/255", ({ attack }) => attack?.epsilon, "8/255"],
  ["attack.epsilon=0.031", ({ attack }) => attack?.epsilon, "0.031"],
  ['attack.epsilon="0.5"', ({ attack }) => attack?.epsilon, "0.5"],
  ["attack.mode=train", ({ attack }) => attack?.mode, "train"],
  ["labelSmoothing=0.1", ({ labelSmoothing }) => labelSmoothing, 0.1],
  ["augmentation.cutout=8", ({ augmentation }) => augmentation, {
    ...FRPAT.augmentation,
    cutout: 8,
  }],
  [
    'averaging={"kind":"ema","decay":0.995}',
    ({ averaging }) => averaging,
    { kind: "ema", decay: 0.995 },
  ],
  ["optimizer.kind=sgd", ({ optimizer }) => optimizer, {
    ...FRPAT.optimizer,
    kind: "sgd",
  }],
  ["optimizer.nesterov=true", ({ optimizer }) => optimizer, {
    ...FRPAT.optimizer,
    nesterov: true,
  }],
  [
    `teacher.pretrained=${JSON.stringify(PRETRAINED)}`,
    ({ teacher }) => teacher?.pretrained,
    PRETRAINED,
  ],
  [
    "objective.cleanForwards=1",
    ({ objective }) =>
      objective.method === "trades" ? objective.cleanForwards : null,
    1,
  ],
  [
    "regularizers.0.weight.value=7.5",
    ({ regularizers }) => regularizers[0]?.weight.value,
    7.5,
  ],
  [
    "optimizer.learningRate.drops=[3, 5]",
    ({ optimizer: { learningRate } }) =>
      learningRate.kind === "step" ? learningRate.drops : null,
    [3, 5],
  ],
  [
    "evaluation.attacks.pgd-20.stepSize=1/255",
    ({ evaluation }) => {
      const attack = evaluation.attacks["pgd-20"];
      return attack?.method === "pgd" ? attack.stepSize : null;
    },
    "1/255",
  ],
  [
    'attack={"method":"fgsm","norm":"l2","epsilon":"0.5","mode":"eval"}',
    ({ attack }) => attack,
    { method: "fgsm", norm: "l2", epsilon: "0.5", mode: "eval" },
  ],
];

Deno.test("applySettings() accepts N-FGSM in training, and not in evaluation", () => {
  const attack = {
    method: "n-fgsm",
    epsilon: "8/255",
    stepSize: "8/255",
    noise: 2,
  } as const;
  const training = JSON.stringify({ ...attack, mode: "eval" });
  assertEquals(applySettings(FRPAT, [`attack=${training}`]).attack, {
    ...attack,
    mode: "eval",
  });
  assertThrows(
    () => applySettings(FRPAT, [`attack=${training}`, "attack.noise=-1"]),
    UserError,
    "Cannot set attack.noise: expected a number of at least 0 but found -1",
  );
  const path = "evaluation.attacks.pgd-20";
  assertThrows(
    () => applySettings(FRPAT, [`${path}=${JSON.stringify(attack)}`]),
    UserError,
    'fgsm, fgsm-rs but found "n-fgsm"',
  );
});

for (const [setting, read, expected] of ACCEPTED) {
  Deno.test(`applySettings() accepts ${setting}`, () => {
    assertEquals(read(applySettings(FRPAT, [setting])), expected);
  });
}

const REFUSED: readonly [settings: readonly string[], message: string][] = [
  [["foo"], 'Cannot set foo: expected a key and a value, such as "optimizer'],
  [["=3"], "but found nothing before ="],
  [["weightDecay=1"], "did you mean optimizer.weightDecay?"],
  [
    ["student.widht=3"],
    "keys of student (network, depth, width, normalization) but found",
  ],
  [["student.widht=3"], "did you mean student.width?"],
  [["attack.stat.kind=clean"], "did you mean attack.start.kind?"],
  [["optimizer..momentum=1"], "but found nothing"],
  [["optimizer.momentum.x=1"], "but found x, where optimizer.momentum is 0.9"],
  [["regularizers.1.weight.value=1"], "keys of regularizers (0) but found 1"],
  [["regularizers.length=1"], "keys of regularizers (0) but found length"],
  [["__proto__.seed=1"], "but found __proto__"],
  [["constructor=1"], "but found constructor"],
  [
    ["name=other"],
    "Cannot set name: expected one of the keys of an experiment",
  ],
  [["reported=null"], "Cannot set reported: expected one of the keys"],
  [
    ["seed="],
    "Cannot set seed: expected a whole number from 0 to 4294967295 but found nothing",
  ],
  [
    ["seed=abc"],
    "Cannot set seed: expected a whole number from 0 to 4294967295 but found abc",
  ],
  [
    ["seed=null"],
    "Cannot set seed: expected a whole number from 0 to 4294967295 but found null",
  ],
  [
    ["seed=-1"],
    "Cannot set seed: expected a whole number from 0 to 4294967295 but found -1",
  ],
  [
    ["epochs=1.5"],
    "Cannot set epochs: expected a whole number of at least 1 but found 1.5",
  ],
  [["learningRate.kind=step"], "; did you mean optimizer.learningRate.kind?"],
  [["labelSmoothing=1"], "a number of at least 0 and below 1 but found 1"],
  [
    ['averaging={"kind":"ema","decay":1}'],
    "expected its decay to be a number of at least 0 and below 1 but found 1",
  ],
  [
    ["optimizer.kind=adamw"],
    "expected optimizer.momentum to be absent but found 0.9; to change a part " +
    'as a whole, write it as JSON:\n  --set \'optimizer={"kind":"adamw",',
  ],
  [["optimizer.nesterov=yes"], "expected true or false but found yes"],
  [["optimizer.learningRate.drops=3"], "expected a JSON array but found 3"],
  [
    ["attack.epsilon=abc"],
    'quotient such as "8/255" above 0 but found abc',
  ],
  [["attack.epsilon=8"], "but found 8; did you mean 8/255?"],
  [["evaluation.attacks.pgd-20.epsilon=16"], "did you mean 16/255?"],
  [["attack.steps=0"], "expected a whole number of at least 1 but found 0"],
  [
    ["optimizer.weightDecay=-1"],
    "expected a number of at least 0 but found -1",
  ],
  [["optimizer.momentum=1.5"], "expected a number from 0 to 1 but found 1.5"],
  [
    ['optimizer.learningRate={"kind":"cyclic","peak":0.1,"peakAt":2}'],
    "expected its peakAt to be a number from 0 to 1 but found 2",
  ],
  [
    ['optimizer.learningRate={"kind":"linear"}'],
    'expected its kind to be one of step, list, cosine, cyclic but found "linear"',
  ],
  [
    ['data={"dataset":"shapes","train":9,"test":0}'],
    "expected its test to be a whole number of at least 1 but found 0",
  ],
  [["attack.mode=test"], "expected one of eval, train but found test"],
  [
    ["student.network=resnet"],
    "wide-resnet, dm-wide-resnet, dm-preact-resnet18 but found resnet",
  ],
  [
    ["student.network=resnet18"],
    "expected student.depth to be absent but found 34; to change a part as a " +
    'whole, write it as JSON:\n  --set \'student={"network":"resnet18"}\'',
  ],
  [
    ['student={"network":"resnet8"}'],
    "expected its width to be a whole number of at least 1 but",
  ],
  [
    ['student={"network":"resnet18","width":4}'],
    "expected its width to be absent but found 4",
  ],
  [["student=null"], 'expected a JSON object with "network" but found null'],
  [["student=resnet18"], 'a JSON object with "network" but found resnet18'],
  [["teacher=null"], "expected teacher to be given but found null"],
  [
    ["teacher=null", "teacher.width=3", "regularizers=[]"],
    "Cannot set teacher.width: expected a key but found width, where teacher " +
    "is null",
  ],
];

for (const [settings, message] of REFUSED) {
  Deno.test(`applySettings() refuses ${settings.join(" ")}: ${message}`, () => {
    assertThrows(() => applySettings(FRPAT, settings), UserError, message);
  });
}

Deno.test("applySettings() leaves out what a paper reports on another experiment", () => {
  const { reported, title } = applySettings(FRPAT, ["epochs=3", "seed=2"]);
  assertEquals(reported, null);
  assertEquals(title, `${FRPAT.title}, with epochs=3`);
});

Deno.test("applySettings() keeps the report where the experiment is the same", () => {
  const settings = [
    "seed=2",
    "recompute=true",
    "evaluation.batchSize=10",
    "evaluation.every=5",
  ];
  const { reported, title } = applySettings(FRPAT, settings);
  assertEquals({ reported, title }, {
    reported: FRPAT.reported,
    title: FRPAT.title,
  });
  assertEquals(applySettings(FRPAT, []), FRPAT);
});

Deno.test("settablePaths() names parts and the values in them", () => {
  const paths = settablePaths(FRPAT);
  assertEquals(paths.filter((path) => path.startsWith("attack")), [
    "attack",
    "attack.method",
    "attack.norm",
    "attack.epsilon",
    "attack.stepSize",
    "attack.steps",
    "attack.start",
    "attack.start.kind",
    "attack.start.scale",
    "attack.mode",
  ]);
  assert(paths.includes("regularizers.0.weight.value"));
  assertEquals(new Set(paths).size, paths.length);
});
