// The common parts of DeepMind's robust networks (Gowal et al., 2020; Rebuffi et al.,
// 2021), as in the PyTorch code that was published with them: pre-activation,
// a choice of activation, and the padding of TensorFlow, in which they were first
// written. A strided filter is padded behind the image alone, so that its taps
// stand one pixel from where PyTorch's padding would put them.

import { Conv2d } from "./layers.ts";

/** A 3x3 convolution whose output is as large as its input, or half as large. */
export function sameConv(
  channels: readonly [number, number],
  stride: 1 | 2,
): Conv2d {
  return new Conv2d(channels, {
    kernelSize: 3,
    stride,
    padding: stride === 1 ? 1 : 0,
    paddingEnd: 1,
  });
}
