// y = x w of many matrices, one behind the other: (rows, C) times (C, K), plus shift[k] if
// SHIFT, plus the residual if RESIDUAL, limited below by 0 if RELU, and 0 where the mask is
// not positive if MASK. What is not asked for is bound to something else and not read.
//
// For software adapters with subgroups of 8 (see conv_simd.wgsl), where
// loads are dear. A workgroup keeps the weights of CHANNELS channels and 32 filters,
// four filters to a lane, on its stack, from where a multiplication reads them for
// nothing, and passes rows along them: its lanes load a row's channels side by side
// and hand them round by broadcasts. More channels are added to what the ones before
// gave. C is a multiple of CHANNELS, K of 32.

const LANES = 8u;
const ROWS = 2u;
const LOADS = CHANNELS / 32u;

struct Arguments {
  C: u32,
  K: u32,
  rows: u32,
  rows_per_group: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> w: array<Packed>;
@group(0) @binding(2) var<storage, read> shift: array<Packed>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read> mask: array<Packed>;
@group(0) @binding(5) var<storage, read_write> y: array<Packed>;
@group(0) @binding(6) var<uniform> args: Arguments;

// What becomes of the sums of four filters at a place of y.
fn epilogue(sum: vec4f, at: u32, filters: u32) -> vec4f {
  var result = sum;
  if (SHIFT) {
    result += unpack(shift[filters]);
  }
  if (RESIDUAL) {
    result += unpack(residual[at]);
  }
  if (RELU) {
    result = select(result, vec4f(), result < vec4f());
  }
  if (MASK) {
    result = select(result, vec4f(), unpack(mask[at]) <= vec4f());
  }
  return result;
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let C4 = args.C / 4u;
  let K4 = args.K / 4u;
  let filters = group.y * LANES + lane;
  let matrix = group.z;
  let end = min((group.x + 1u) * args.rows_per_group, args.rows);
  for (var c0 = 0u; c0 < args.C; c0 += CHANNELS) {
    // The end is not constant, so that no compiler writes the loop out: loads written
    // out take most of the time to compile.
    let channels = min(CHANNELS, args.C - c0);
    var loads: array<vec4f, CHANNELS>;
    for (var c = 0u; c < channels; c++) {
      loads[c] = unpack(w[(matrix * args.C + c0 + c) * K4 + filters]);
    }
    var weight: array<vec4f, CHANNELS>;
    for (var c = 0u; c < CHANNELS; c++) { // unroll
      weight[c] = loads[c];
    }
    for (var first = group.x * args.rows_per_group; first < end; first += ROWS) {
      for (var i = 0u; i < ROWS; i++) { // unroll
        let row = matrix * args.rows + min(first + i, args.rows - 1u);
        var sum = vec4f();
        for (var j = 0u; j < LOADS; j++) { // unroll
          let value = unpack(x[row * C4 + c0 / 4u + j * LANES + lane]);
          for (var c = 0u; c < 32u; c++) { // unroll
            sum += subgroupBroadcast(value[c % 4u], c / 4u) * weight[j * 32u + c];
          }
        }
        // A row of another workgroup, or none, is not this one's to write.
        if (first + i < end) {
          let at = row * K4 + filters;
          if (c0 > 0u) {
            sum += unpack(y[at]);
          }
          if (c0 + CHANNELS == args.C) {
            sum = epilogue(sum, at, filters);
          }
          y[at] = pack(sum);
        }
      }
    }
  }
}
