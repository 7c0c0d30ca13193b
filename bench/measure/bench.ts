import type { Result } from './report';

/** The flags of a run. A benchmark ignores flags that it does not use. */
export interface BenchFlags {
  /** The number of measured rounds. @default - chosen by each benchmark */
  readonly rounds?: number;
  /** The number of servers. @default - chosen by each benchmark */
  readonly servers?: number;
  /** One short round, as a smoke test. Its figures are not meaningful. */
  readonly quick: boolean;
  /** Uses the current Node instead of the version line of the image. */
  readonly ownNode: boolean;
}

/** A benchmark: `npm run bench -- <name>`. */
export interface Bench {
  /** What it measures, in a sentence. */
  readonly usage: string;
  run(flags: BenchFlags): Promise<Result>;
}
