import { contract } from '../contract';
import { isThenable } from './call';
import { mayAsk } from './confirm';
import { CallContext } from './context';
import type { DefinedTool } from './define-tool';
import { NetworkTransportError } from './tool-errors';

type Timed = Pick<DefinedTool, 'timeoutSeconds' | 'retries'>;
type Limited = Timed & Pick<DefinedTool, 'asks' | 'confirm'>;

/** The time limit of one call, in milliseconds. */
export function timeLimitOf({ timeoutSeconds = contract.call.timeoutSeconds }: Timed): number {
  return timeoutSeconds * 1000;
}

/** How often an engine may retry a call that got no response. */
export function retriesOf({ retries = contract.call.retries }: Timed): number {
  return retries;
}

/**
 * The limits of a whole server, for an engine and a proxy: the longest timeout, the fewest retries, and whether any tool may
 * ask a person.
 */
export function callLimitsOf(tools: readonly { readonly definition: Limited }[]) {
  const times = tools.map(({ definition }) => timeLimitOf(definition) / 1000);
  const retries = tools.map(({ definition }) => retriesOf(definition));
  return {
    timeoutSeconds: times.length === 0 ? contract.call.timeoutSeconds : Math.max(...times),
    retries: retries.length === 0 ? contract.call.retries : Math.min(...retries),
    asks: tools.some(({ definition }) => mayAsk(definition)),
  };
}

/** Errors in a definition's timeout and retries, one sentence each. */
export function timeErrors({ timeoutSeconds, retries }: Timed): readonly string[] {
  const { maxTimeoutSeconds, maxRetries } = contract.call;
  return [
    ...wholeNumber('timeoutSeconds', timeoutSeconds, 1, maxTimeoutSeconds, ' seconds'),
    ...wholeNumber('retries', retries, 0, maxRetries),
  ];
}

function wholeNumber(field: string, value: unknown, min: number, max: number, unit = ''): readonly string[] {
  const isValid = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return value === undefined || isValid ? [] : [`${field} must be a whole number from ${min} to ${max}${unit}`];
}

/**
 * Wraps `run` with the tool's time limit: at the limit the signal is aborted and the promise rejects with
 * NetworkTransportError, even if the tool keeps running. A synchronous result is returned unchanged.
 */
export function withinTime(definition: Pick<DefinedTool, 'run'> & Timed): DefinedTool['run'] {
  const limitMs = timeLimitOf(definition);
  const canRetry = retriesOf(definition) > 0;
  return (input, context) => {
    const result = definition.run(input, context);
    if (!isThenable(result)) return result;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const text = `No result within ${limitMs / 1000} s`;
        // Reject before aborting, so that a tool cannot answer the abort with a result.
        reject(new NetworkTransportError(text, 'timeout', { canRetry }));
        if (context instanceof CallContext) context.abort(new DOMException(text, 'TimeoutError'));
      }, limitMs).unref();
      Promise.resolve(result)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  };
}
