// The place of an invocation in a one-dimensional grid that the host folded into
// two dimensions (`linearGrid`), because one dimension holds 65,535 workgroups.
fn linear_index(id: vec3u, groups: vec3u) -> u32 {
  return id.y * groups.x * WORKGROUP_SIZE + id.x;
}
