// The shortest d with <w, d> = -excess and 0 <= x + d <= 1, one image (size) per
// workgroup: point x and normal w are (N, size), excess is (N). Let u be the sign of
// excess times w, which d must lower. Every element goes against the sign of u as far
// as a common level allows and its own room does:
//
//   LINF   d_i = -sign(u_i) min(level, room_i)      room_i = x_i or 1 - x_i
//   else   d_i = -u_i min(level, room_i / |u_i|)
//
// What is lost that way is a sum of weight_i min(level, bound_i), which rises with
// the level and bends where an element has no room left. Newton's method from level 0
// never overshoots it and ends when no further element has run out of room; where all
// have, d goes as far as it can. w and excess are first brought near 1, which leaves d
// as it is; elements do not move whose |w| is then below `least`.
//
// uses: powers_of_two, workgroup_largest, workgroup_sum

const WORKGROUP_SIZE = 256u;
const MOST_TURNS = 100u;
const WITHOUT_BOUND = 0x1p+126f;

struct Arguments {
  size: u32,
  least: f32,
}

@group(0) @binding(0) var<storage, read> point: array<f32>;
@group(0) @binding(1) var<storage, read> normal: array<f32>;
@group(0) @binding(2) var<storage, read> excess: array<f32>;
@group(0) @binding(3) var<storage, read_write> steps: array<f32>;
@group(0) @binding(4) var<uniform> args: Arguments;

var<workgroup> next_level: f32;

// How far element i may go, in units of the level; u is its part of the normal.
fn bound(i: u32, u: f32) -> f32 {
  let room = select(1.0 - point[i], point[i], u > 0.0);
  return select(room / abs(u), room, LINF == 1u);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let first = image.x * args.size + thread;
  let end = (image.x + 1u) * args.size;
  var largest = 0u;
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    largest = max(largest, bitcast<u32>(abs(normal[i])));
  }
  let power = power_for(workgroup_largest(largest), 0u);
  let sign = select(-power, power, excess[image.x] >= 0.0);
  let wanted = power * abs(excess[image.x]);
  var level = 0.0;
  for (var turn = 0u; turn < MOST_TURNS; turn++) {
    var full = 0.0; // What elements without room have given.
    var rate = 0.0; // What the others give per level.
    for (var i = first; i < end; i += WORKGROUP_SIZE) {
      let u = sign * normal[i];
      if (abs(u) > args.least) {
        let weight = select(u * u, abs(u), LINF == 1u);
        let most = bound(i, u);
        full += select(0.0, weight * most, most <= level);
        rate += select(weight, 0.0, most <= level);
      }
    }
    let given = workgroup_sum(full, thread);
    let slope = workgroup_sum(rate, thread);
    if (thread == 0u) {
      next_level = select(WITHOUT_BOUND, (wanted - given) / slope, slope > 0.0);
    }
    let next = workgroupUniformLoad(&next_level);
    if (next <= level) {
      break;
    }
    level = next;
  }
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let u = sign * normal[i];
    if (abs(u) > args.least) {
      let far = min(level, bound(i, u));
      steps[i] = select(-u * far, select(far, -far, u > 0.0), LINF == 1u);
    } else {
      steps[i] = u * 0.0; // Not a number where u is not.
    }
  }
}
