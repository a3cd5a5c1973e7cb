// Methods with state: networks of their own that learn beside the student, and values that
// change without a gradient, such as a memory of features. Both are fields of modules, as
// a network's parameters and running statistics are: training updates a `Parameter`, and
// the method itself a `Buffer`.
//
// A stateful method is a factory: the sizes of its modules depend on the training, so it is
// created once per training, and its functions close over the modules. The trainer
// materializes them, sets their starting values, trains their parameters, and saves them
// in checkpoints.

import type { Module } from "../nn/module.ts";

/** The modules that a method keeps, by names of its own. */
export type MethodModules = Readonly<Record<string, Module>>;

/** The facts of a training that sizes of a method's modules depend on. */
export interface MethodSetting {
  /** Classes of the data set. */
  readonly classes: number;
  /** Images in the training split: `views.indices` are below it. */
  readonly images: number;
  /** Images in a batch; an epoch's last may be smaller. */
  readonly batchSize: number;
  /** Lengths of the networks' feature vectors; null without a teacher. */
  readonly featureSize: {
    /** Of the student. */
    readonly student: number;
    /** Of the teacher. */
    readonly teacher: number | null;
  };
}

/** An objective or a regularizer with modules, before they are created. */
export interface Stateful<T> {
  /** As the literature calls the method. */
  readonly name: string;
  /** The method with new modules: once per training. */
  create(setting: MethodSetting): T;
}

/** Whether a method is yet to be created. */
export function isStateful<T extends object>(
  method: T | Stateful<T>,
): method is Stateful<T> {
  return "create" in method;
}

/** Creates a stateful method; returns any other as it is. */
export function created<T extends object>(
  method: T | Stateful<T>,
  setting: MethodSetting,
): T {
  return isStateful(method) ? method.create(setting) : method;
}

/**
 * The length of the teacher's feature vectors.
 *
 * @throws {TypeError} if there is no teacher.
 */
export function teacherFeatureSize({ featureSize }: MethodSetting): number {
  if (featureSize.teacher !== null) return featureSize.teacher;
  throw new TypeError(
    "Cannot make a method's modules: expected a teacher but found none",
  );
}
