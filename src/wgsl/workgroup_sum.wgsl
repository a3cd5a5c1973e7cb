// The sum of one value per invocation of a workgroup, known to all of them: a tree
// of fixed shape, so equal values give equal bytes. WORKGROUP_SIZE must be a power
// of two, and every invocation must call it.
var<workgroup> terms: array<f32, WORKGROUP_SIZE>;

fn workgroup_sum(value: f32, thread: u32) -> f32 {
  terms[thread] = value;
  for (var parts = 1u; parts < WORKGROUP_SIZE; parts *= 2u) { // loop on processors
    let half = WORKGROUP_SIZE / 2u / parts;
    workgroupBarrier();
    if (thread < half) {
      terms[thread] += terms[thread + half];
    }
  }
  workgroupBarrier();
  let sum = terms[0];
  workgroupBarrier(); // Everyone has read before the next sum begins.
  return sum;
}
