// How a kernel reads and writes four numbers in a buffer that it declares as
// array<Packed>: as two integers of 64 bits, which software adapters do in two thirds of
// the time, since they go component by component and lane by lane.
alias Packed = vec2<u64>;

fn unpack(packed: Packed) -> vec4f {
  return bitcast<vec4f>(vec4u(
    u32(packed.x),
    u32(packed.x >> 32u),
    u32(packed.y),
    u32(packed.y >> 32u),
  ));
}

fn pack(vector: vec4f) -> Packed {
  let bits = bitcast<vec4u>(vector);
  return Packed(
    u64(bits.x) | (u64(bits.y) << 32u),
    u64(bits.z) | (u64(bits.w) << 32u),
  );
}
