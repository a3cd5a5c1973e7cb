// The bits of the largest magnitude that any invocation of a workgroup knows of; those
// of NaN, where there is one, are the largest. To be called once, by every invocation.
var<workgroup> largest_word: atomic<u32>;

fn workgroup_largest(bits: u32) -> u32 {
  atomicMax(&largest_word, bits);
  workgroupBarrier();
  return atomicLoad(&largest_word);
}
