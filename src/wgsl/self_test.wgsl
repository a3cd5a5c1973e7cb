// What drivers have been found to get wrong, asked of one invocation:
//
//   y[0] = x_trips,  where x_0 = 1, x_{i+1} = 1664525 x_i + 1013904223 (mod 2^32)
//   y[1] = 1 if is_nan() tells NaN + 1 from infinity and from a number, else 0
//
// A driver that ends long loops early leaves an earlier x; the recurrence keeps
// the compiler from replacing the loop by its result. NaN and infinity arrive as
// arguments, since a compiler may not believe in those that it computes.
// uses: is_nan

struct Arguments { trips: u32, nan: f32, infinity: f32 }

@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> args: Arguments;

@compute @workgroup_size(1)
fn main() {
  var x = 1u;
  for (var i = 0u; i < args.trips; i++) {
    x = 1664525u * x + 1013904223u;
  }
  y[0] = x;
  y[1] = u32(is_nan(args.nan + 1.0) && !is_nan(args.infinity) && !is_nan(f32(x)));
}
