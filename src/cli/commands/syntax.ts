// The arguments and options of a command, as data. Help, parsing and errors follow from
// them.

/** An option of a command, written `--name` or `--name VALUE`. */
export interface Option {
  readonly name: string;
  /** The name of its value in help, such as "DIR"; absent where it has none. */
  readonly value?: string;
  /** Whether it may stand without its value; a value is written behind "=" then. */
  readonly isOptional?: boolean;
  /** Whether it may be given several times. */
  readonly many?: boolean;
  /** Whether its value may begin with a dash, as options of another program do. */
  readonly dashed?: boolean;
  /** Its purpose: one line, without a period. */
  readonly about: string;
}

/** The argument or arguments of a command. */
export interface Argument {
  /** As help shows it, such as "RECIPE". */
  readonly name: string;
  readonly required: boolean;
  /** Whether there may be several. */
  readonly many?: boolean;
  readonly about: string;
}

/** The arguments and options of a command. */
export interface Syntax {
  /** The command's name. */
  readonly name: string;
  readonly argument?: Argument;
  readonly options: readonly Option[];
}
