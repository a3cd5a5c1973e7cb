// The first class with the largest logit among those that are not `label`, in a
// row of `logits` with `args.columns` classes. A logit that is not a number counts
// as the largest, so that divergence shows.
//
// uses: is_nan
fn strongest_other(row: u32, label: u32) -> u32 {
  let first = row * args.columns;
  var best = select(0u, 1u, label == 0u);
  for (var c = best; c < args.columns; c++) {
    let z = logits[first + c];
    if (c != label) {
      if (is_nan(z)) {
        return c;
      }
      if (z > logits[first + best]) {
        best = c;
      }
    }
  }
  return best;
}
