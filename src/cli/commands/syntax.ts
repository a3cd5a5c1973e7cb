// What a command takes, as data. Help, parsing and messages about mistakes all follow
// from this.

/** An option of a command, written `--name` or `--name VALUE`. */
export interface Option {
  readonly name: string;
  /** What help calls its value, such as "DIR"; absent where it has none. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly many?: boolean;
  /** Whether its value may begin with a dash, as options of another program do. */
  readonly dashed?: boolean;
  /** What it is for: one line, without a period. */
  readonly about: string;
}

/** The word that a command may take besides options, or the words. */
export interface Operand {
  /** As help shows it, such as "RECIPE". */
  readonly name: string;
  readonly required: boolean;
  /** Whether there may be several. */
  readonly many?: boolean;
  readonly about: string;
}

/** The words that may stand behind a command's name. */
export interface Syntax {
  /** The command's name. */
  readonly name: string;
  readonly operand?: Operand;
  readonly options: readonly Option[];
}
