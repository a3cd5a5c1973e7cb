// What the FRPAT paper leaves open, how it is read here, and which setting reads it
// otherwise. A reading is told of an experiment as long as the experiment follows it:
// after `--set`, what was read otherwise is not told any more.

import type { Experiment } from "../config/experiment.ts";

/** One open question and its answer. */
export interface Reading {
  /** What is open, and where. */
  readonly open: string;
  /** How it is read here, and why. */
  readonly here: string;
  /** Settings that read it otherwise. */
  readonly otherwise: readonly string[];
  /** Whether the experiment follows this reading. */
  readonly follows: (experiment: Experiment) => boolean;
}

type Frpat = Extract<
  Experiment["regularizers"][number],
  { readonly method: "frpat" }
>;

/** Holds where FRPAT is used and all of its terms fit. */
function frpat(fits: (term: Frpat) => boolean) {
  return ({ regularizers }: Experiment): boolean => {
    const found = regularizers.filter(({ method }) => method === "frpat");
    return found.length > 0 && found.every((term) => fits(term as Frpat));
  };
}

/** Holds for rows of the paper alone, where something fits. */
function ofPaper(fits: (experiment: Experiment) => boolean) {
  return (experiment: Experiment): boolean =>
    /^(table|supplement|figure)\d\//.test(experiment.name) && fits(experiment);
}

/** All readings, those of the equations first. */
export const READINGS: readonly Reading[] = [
  {
    open:
      "Eq. 6 and 7 have one symbol for the distance to the nearest neighbor",
    here: "Each network has its own, and a gradient goes through the student's",
    otherwise: [
      "regularizers.0.nearest=shared",
      "regularizers.0.nearest=detached",
    ],
    follows: frpat(({ nearest = "own" }) => nearest === "own"),
  },
  {
    open:
      "Eq. 6 and 7 have the pair of an image with itself in the numerator, " +
      "but not in the sum",
    here: "It is left out, so that probabilities add up to 1",
    otherwise: ["regularizers.0.self=printed", "regularizers.0.self=zero"],
    follows: frpat(({ self }) => self === "exclude"),
  },
  {
    open: "Eq. 8 is a sum over pairs, where Algorithm 1 divides by the batch",
    here:
      "L_RP is the sum: divided, it would weigh less than a hundredth of the " +
      "cross-entropy, and Table 6 would be flat",
    otherwise: ["regularizers.0.reduction=batchmean"],
    follows: frpat(({ reduction }) => reduction === "sum"),
  },
  {
    open: "The sum of eq. 8 grows with the batch, whose size Table 5 varies",
    here: "The weight stays as it is",
    otherwise: ["regularizers.0.perBatch=128"],
    follows: frpat(({ perBatch }) => perBatch === undefined),
  },
  {
    open: "The supplement prints the ramp as 2 / (1 + exp(-10 t / 100 - 1)), " +
      "which rises from 1.46 to 2",
    here:
      "It is that of Ganin et al. (2016), from 0 to 1: a final weight of 20 " +
      "then is the row of 20 in Table 6, which agrees with Table 2",
    otherwise: [
      'regularizers.0.weight={"kind":"printed-ramp","value":20,"over":100}',
    ],
    follows: frpat(({ weight }) => weight.kind === "ramp"),
  },
  {
    open: "The text speaks of relations between clean samples",
    here: "The student's features are of adversarial images, as in eq. 5 and " +
      "Algorithm 1",
    otherwise: ["regularizers.0.student=clean"],
    follows: frpat(({ student = "adversarial" }) => student === "adversarial"),
  },
  {
    open: "The mode of batch norm in the teacher's features is not said",
    here:
      "They are of the forward pass that the teacher learns by, in train mode",
    otherwise: ["regularizers.0.teacher=eval"],
    follows: (experiment) =>
      !experiment.teacher?.pretrained &&
      frpat(({ teacher = "train" }) => teacher === "train")(experiment),
  },
  {
    open: "The supplement prints the squared error of LBGAT to M's logits of " +
      "adversarial images",
    here:
      "It is to M's logits of clean images, as section 2.3, LBGAT's paper and " +
      "its code have it",
    otherwise: ["objective.guide=adversarial"],
    follows: ({ objective }) =>
      objective.method === "lbgat" && objective.guide !== "adversarial",
  },
  {
    open: "LBGAT itself has no cross-entropy on the student",
    here: "On vanilla AT it has one, as FRPAT's supplement writes that loss",
    otherwise: ['objective.base={"kind":"none"}'],
    follows: ({ objective }) =>
      objective.method === "lbgat" && objective.base.kind === "vanilla-at",
  },
  {
    open: "How often TRADES forwards clean images in a step is not said",
    here: "Twice, as in its authors' code: the running statistics move by both",
    otherwise: ["objective.cleanForwards=1"],
    follows: ofPaper(({ objective }) =>
      objective.method === "trades" && objective.cleanForwards === 2
    ),
  },
  {
    open: "The mode of batch norm in training's attack is not said",
    here: "Eval mode, as in the code of TRADES and LBGAT",
    otherwise: ["attack.mode=train"],
    follows: ofPaper(({ attack }) => attack?.mode === "eval"),
  },
  {
    open: 'The teacher is "ResNet18"',
    here:
      "It is LBGAT's, whose second stage has a stride of 1: Table 3's times " +
      "are those of this pair",
    otherwise: ['teacher={"network":"resnet18"}'],
    follows: ofPaper(({ teacher }) => teacher?.network === "resnet18-lbgat"),
  },
  {
    open:
      "The paper trains on all 50,000 images and chooses the best epoch on " +
      "the test set",
    here: "The last 1,000 training images are held out to choose it by",
    otherwise: ["evaluation.validation=0", "evaluation.selection=test"],
    follows: ofPaper(({ evaluation: { validation, selection } }) =>
      validation > 0 && selection !== "test"
    ),
  },
  {
    open: "The step and start of PGD-20 and C&W-20 are not said",
    here:
      "Steps of 0.003 from a uniform start that is not clipped, as in LBGAT's " +
      "code",
    otherwise: [
      "evaluation.attacks.pgd-20.stepSize=0.007",
      'evaluation.attacks.pgd-20.start={"kind":"clean"}',
    ],
    follows: ofPaper(({ evaluation: { attacks: { "pgd-20": pgd } } }) =>
      pgd?.method === "pgd" && pgd.stepSize === "0.003" &&
      pgd.start.kind === "uniform"
    ),
  },
  {
    open: "PGD-20 and C&W-20 of the comparison with LAS are not said",
    here:
      "Steps of 2/255 within 8/255, and an image is left alone once it is " +
      "misclassified, as in the code of LAS",
    otherwise: ["evaluation.attacks.pgd-20.stop=false"],
    follows: ofPaper(({ evaluation: { attacks: { "pgd-20": pgd } } }) =>
      pgd?.method === "pgd-restarts" && pgd.stop
    ),
  },
];

/** The readings that an experiment follows. */
export function readingsOf(experiment: Experiment): readonly Reading[] {
  return READINGS.filter(({ follows }) => follows(experiment));
}

/** What to know of an experiment: its own notes, then its readings, a text each. */
export function notesOf(experiment: Experiment): string[] {
  const readings = readingsOf(experiment).map(({ open, here, otherwise }) =>
    `${open}. ${here}; otherwise: ${otherwise.join(" or ")}`
  );
  return [...new Set([...experiment.notes ?? [], ...readings])];
}
