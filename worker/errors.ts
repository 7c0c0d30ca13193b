/** Why a call of the engine is refused before any tool runs: the code for the log, and the status. */
export const workerErrors = {
  BODY_MALFORMED: 400,
  ENVELOPE_INVALID: 400,
  TOOL_UNKNOWN: 404,
} as const;

export type WorkerErrorCode = keyof typeof workerErrors;

/** A message to the caller of a worker route: code, status, and a sentence that becomes `detail`. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly statusCode: number;

  constructor(
    readonly code: WorkerErrorCode,
    message: string,
  ) {
    super(message);
    this.statusCode = workerErrors[code];
  }
}
