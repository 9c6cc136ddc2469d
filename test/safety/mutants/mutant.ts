/** One safety line taken out of the source. */
export interface Mutant {
  /** The safety that is gone. */
  readonly name: string;
  readonly file: string;
  /** Text that is in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** Test files, in order: the first that turns red has caught it. */
  readonly by: readonly string[];
}
