import type { Result } from './report';

/** What people may say about a run. A benchmark that has no use for a flag ignores it. */
export interface BenchFlags {
  /** How many rounds count. @default - as many as each benchmark finds enough */
  readonly rounds?: number;
  /** How many servers there are. @default - as many as each benchmark finds worth while */
  readonly servers?: number;
  /** One short round: to see that it works, not to be quoted. */
  readonly quick: boolean;
  /** On the Node that runs this, instead of the line of the image. */
  readonly ownNode: boolean;
}

/** One benchmark: `npm run bench -- <name>`. */
export interface Bench {
  /** What it measures, in a sentence. */
  readonly usage: string;
  run(flags: BenchFlags): Promise<Result>;
}
