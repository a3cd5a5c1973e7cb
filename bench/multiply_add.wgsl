// y[i] = the end of CHAINS chains of multiply-adds: as much arithmetic as a device
// does when nothing else is in the way. The chains are independent, so that a unit
// never waits for its own result, and their body is long, so that the loop around
// it does not count.

const WORKGROUP_SIZE = 64u;
const LINKS = 16u;

struct Arguments {
  trips: u32,
  factor: f32,
  addend: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var chain: array<f32, CHAINS>;
  for (var c = 0u; c < CHAINS; c++) { // unroll
    chain[c] = f32(id.x + c);
  }
  for (var trip = 0u; trip < args.trips; trip++) {
    for (var link = 0u; link < LINKS; link++) { // unroll
      for (var c = 0u; c < CHAINS; c++) { // unroll
        chain[c] = fma(chain[c], args.factor, args.addend);
      }
    }
  }
  for (var c = 1u; c < CHAINS; c++) { // unroll
    chain[0] += chain[c];
  }
  y[id.x] = chain[0];
}
