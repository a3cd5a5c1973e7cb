// Types without data. A `Tensor` is a value inside one graph (`op.ts`, beside the nodes
// that it comes from); a `Variable` is state that outlives every run and belongs to no
// graph (`variable.ts`).

export type { Tensor } from "./op.ts";
export * from "./variable.ts";
