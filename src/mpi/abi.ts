// The two binary interfaces of MPI: that of Open MPI, in which handles are addresses of
// variables of the library, and that of MPICH, which Intel MPI, MVAPICH and Cray MPI share
// and in which they are fixed numbers.

/** The handles that this program passes. */
export type HandleName = "world" | "float" | "sum";

/** One binary interface. */
export interface Abi {
  /** Shown in messages. */
  readonly name: string;
  /** Names of its library, the usual one first. */
  readonly libraries: readonly string[];
  /** The type of a handle. */
  readonly handle: "usize" | "i32";
  /** `MPI_IN_PLACE`. */
  readonly inPlace: bigint;
  /** The handles: symbols whose addresses they are, or numbers. */
  readonly handles: Readonly<Record<HandleName, string | number>>;
  /** Variables that its launcher sets, or srun with its plugin. */
  readonly variables: readonly string[];
}

/** Open MPI. */
export const OPEN_MPI: Abi = {
  name: "Open MPI",
  libraries: ["libmpi.so.40", "libmpi.40.dylib"],
  handle: "usize",
  inPlace: 1n,
  handles: {
    world: "ompi_mpi_comm_world",
    float: "ompi_mpi_float",
    sum: "ompi_mpi_op_sum",
  },
  variables: ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"],
};

/** MPICH and what has its interface. */
export const MPICH: Abi = {
  name: "MPICH",
  libraries: ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12"],
  handle: "i32",
  inPlace: 2n ** 64n - 1n,
  handles: { world: 0x44000000, float: 0x4c00040a, sum: 0x58000003 },
  variables: ["PMI_SIZE", "PMI_RANK", "PALS_RANKID"],
};

/** The interfaces in the order to try, by the variables that are set; none by no launcher. */
export function likelyAbis(isSet: (variable: string) => boolean): Abi[] {
  const all = [OPEN_MPI, MPICH];
  const own = ({ variables }: Abi) => variables.some(isSet) ? 0 : 1;
  return all.some((abi) => own(abi) === 0)
    ? all.toSorted((a, b) => own(a) - own(b))
    : [];
}
