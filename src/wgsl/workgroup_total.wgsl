// The sum of one value per invocation of a workgroup of 256, known to all of them, in
// two levels of 16 terms: a fifth of a tree's barriers, which cost software adapters
// more than the sum. Equal values give equal bytes. Every invocation must call it.
var<workgroup> values: array<f32, 256u>;
var<workgroup> subtotals: array<f32, 16u>;

fn workgroup_total(value: f32, thread: u32) -> f32 {
  values[thread] = value;
  workgroupBarrier();
  if (thread < 16u) {
    var subtotal = 0.0;
    for (var i = 0u; i < 16u; i++) {
      subtotal += values[thread + 16u * i];
    }
    subtotals[thread] = subtotal;
  }
  workgroupBarrier(); // The next sum writes neither array before all have read.
  var total = 0.0;
  for (var i = 0u; i < 16u; i++) {
    total += subtotals[i];
  }
  return total;
}
