// The limits that every WebGPU device supports. Programs keep to them on all devices, so
// that equal experiments have equal programs.

/** Most workgroups along one dimension of a dispatch. */
export const MAX_WORKGROUPS = 65_535;

/** Most bytes of a buffer that one binding shows. */
export const BINDING_BYTES: number = 128 * 2 ** 20;

/** Most trips of a loop in a kernel: some drivers stop after 65,535. */
export const MAX_LOOP_TRIPS = 50_000;
