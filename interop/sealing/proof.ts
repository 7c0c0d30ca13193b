/** One thing that the real program decides. `run` throws when it decides otherwise. */
export interface Proof {
  readonly name: string;
  run(): void | Promise<void>;
}

/** How a proof came out. */
export interface Outcome {
  readonly name: string;
  readonly ms: number;
  /** Why it failed; undefined when it held. */
  readonly failure: string | undefined;
}

/** Runs proofs one after the other; all of them, whatever fails. */
export async function runProofs(proofs: readonly Proof[], tell: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of proofs) {
    const startedAt = performance.now();
    const failure = await failureOf(run);
    const outcome = { name, ms: Math.round(performance.now() - startedAt), failure };
    tell(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function failureOf(run: Proof['run']): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
