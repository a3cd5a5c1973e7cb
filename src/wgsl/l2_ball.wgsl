// Makes sure that an image is in its Euclidean ball, which the rounding of its pixels
// and of its length may have carried it out of. For kernels that have written
// `adversarial`, of which a workgroup owns an image, with its `clean` image and
// `args.epsilon`.
//
// The squares of the perturbation are added without rounding and compared with
// epsilon²; where they are more, every pixel moves towards the clean one, by at least
// one unit in the last place. Pixels of which the sum has been rounded may each be
// wrong by 2^-24 of their perturbation, which is allowed for.
//
// uses: powers_of_two, square_sum, workgroup_total

const MOST_ROUNDED = 0x1p-23f; // Of a square, in the difference of two pixels.
const MOST_LOST = 0x1p-12f; // Of the sum of parts, in adding up to 4,096 of them.
const FURTHER = 0x1p-20f; // Of the square, how far inside an image is moved.

// x moved towards the center by 1.5 times `share` of its way there, or by one unit in
// the last place where that is more. Rounding takes less than a third of it back.
fn nearer(x: Element, center: Element, share: f32) -> Element {
  let d = x - center;
  let moved = x - 1.5 * share * d;
  let bits = bitcast<Whole>(x);
  let smaller = (x > Element(0)) == (d > Element(0));
  let step = select(bits + Whole(1u), bits - Whole(1u), smaller);
  let next = select(bitcast<Element>(step), x, x == Element(0));
  let nearest = select(max(moved, next), min(moved, next), d > Element(0));
  return select(nearest, x, d == Element(0));
}

fn enter_ball(first: u32, end: u32, thread: u32) {
  storageBarrier(); // Others may have written what this invocation reads.
  let power = power_for(bitcast<u32>(args.epsilon), 13u);
  var sum = SquareSum(Whole(0u), Element(0));
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    sum = add_square(sum, power * (adversarial[i] - clean[i]));
  }
  let whole = workgroup_whole(total_whole(sum.whole));
  let part = workgroup_total(total(sum.part), thread);
  let radius = power * args.epsilon;
  let top = bitcast<f32>(bitcast<u32>(radius) & 0xfffff000u);
  let bound = radius * radius;
  let rest = part - (radius - top) * (radius + top);
  let excess = f32(i32(whole - u32(top * top))) + rest;
  let doubt = select(0.0, MOST_LOST * part + MOST_ROUNDED * bound, part != 0.0);
  if (excess + doubt > 0.0) {
    let share = (excess + doubt) / bound + FURTHER;
    for (var i = first; i < end; i += WORKGROUP_SIZE) {
      adversarial[i] = nearer(adversarial[i], clean[i], share);
    }
  }
}
