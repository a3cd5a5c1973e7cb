// The device that `explain` compiles for: this machine's, or any of a class.

import { type Capabilities, Device } from "../../gpu/device.ts";
import { UsageError } from "../../base/errors.ts";
import type { Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** The class of device to compile for. */
export const TARGET: Option = {
  name: "target",
  value: "CLASS",
  about: "Compile for gpu or software; for this machine's adapter if left out",
};

/** A target and what to call it. */
export interface NamedTarget {
  readonly name: string;
  readonly target: Capabilities;
}

/** The target that an invocation asks for. */
export async function chosenTarget(
  invocation: Invocation,
): Promise<NamedTarget> {
  const name = invocation.value("target");
  if (name === undefined) {
    // Explaining works without an adapter, too.
    const device = await Device.open().catch(() => null);
    using _opened = device;
    if (!device) return { name: "gpu", target: { adapterClass: "gpu" } };
    return { name: device.adapter.description, target: device.adapter };
  }
  if (name !== "gpu" && name !== "software") {
    throw new UsageError(
      `Cannot compile: expected --target gpu or software but found ${name}`,
    );
  }
  return { name, target: { adapterClass: name } };
}
