// counter += 1, beginning again at 0 after 2^32 - 1.

@group(0) @binding(0) var<storage, read_write> counter: u32;

@compute @workgroup_size(1)
fn main() {
  counter += 1u;
}
