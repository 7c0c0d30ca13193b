/** One thing that is proved. */
export interface Step {
  readonly name: string;
  /** Resolves with what was seen, in a few words. Rejects with what was not as it should be. */
  run(): Promise<string>;
}

/** How it went. */
export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seen: string;
}

/** Runs one step. Never rejects. */
export async function take({ name, run }: Step): Promise<StepResult> {
  try {
    return { name, passed: true, seen: await run() };
  } catch (error) {
    return { name, passed: false, seen: error instanceof Error ? error.message : String(error) };
  }
}

/** Ends a step that has not gone as it should. */
export function failStep(reason: string): never {
  throw new Error(reason);
}

/** Fails unless two values are the same as JSON. */
export function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  failStep(`${what}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}
