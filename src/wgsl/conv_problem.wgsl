// The sizes of a convolution, shared by its direct kernels in every pass.
struct Arguments {
  N: u32,
  H: u32,
  W: u32,
  C: u32,
  K: u32,
  R: u32,
  S: u32,
  P: u32,
  Q: u32,
  stride: u32,
  padding: u32,
  // Output pixels that one partial sum of a weight gradient covers.
  chunk: u32,
}
