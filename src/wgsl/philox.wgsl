// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): four random words for each counter, as in src/base/philox.ts.
//
// The project's key is (seed, FNV-1a of the stream's name) and its counter
// (block, step, substep, 0); element i of a sequence is lane i & 3 of block
// i >> 2. WGSL has no 32 x 32 -> 64 bit product, so its high half is assembled
// from 16-bit pieces; every partial sum fits into 32 bits.

// The high 32 bits of a product.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

// The four words that a key assigns to a counter.
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) { // unroll
    let high_0 = multiply_high(0xd2511f53u, c.x);
    let high_1 = multiply_high(0xcd9e8d57u, c.z);
    c = vec4u(
      high_1 ^ c.y ^ k.x,
      0xcd9e8d57u * c.z,
      high_0 ^ c.w ^ k.y,
      0xd2511f53u * c.x,
    );
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// The upper 24 bits of words as numbers in [0, 1), exact in f32.
fn unit_interval(words: vec4u) -> vec4f {
  return vec4f(words >> vec4u(8u)) * 0x1p-24f;
}
