/** Time and tidings for a process that lives long: what lets a host's memory follow the disk. */
export interface Pulse {
  /** Milliseconds of a clock that never goes back and that nobody sets. */
  now(): number;
  /** Milliseconds since 1970, by the clock that dates files. */
  wall(): number;
  /** Calls once, later; keeps no process alive. */
  after(ms: number, act: () => void): Disposable;
  /**
   * Rings when a name in the folder, or a file in it, may have changed; a hint, which may come twice, late or never. Keeps no process
   * alive. Undefined where the OS cannot tell.
   */
  watch(folder: string, ring: () => void): Disposable | undefined;
}
