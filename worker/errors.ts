/** Every answer of the worker's routes that is not a success: the code for logs and metrics, and the status. */
export const workerErrors = {
  PATH_UNKNOWN: 404,
  METHOD_UNKNOWN: 405,
  TOKEN_MISSING: 401,
  TOKEN_REFUSED: 401,
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  ENVELOPE_INVALID: 400,
  TOOL_UNKNOWN: 404,
  REQUEST_INVALID: 400,
  DEFECT: 500,
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
