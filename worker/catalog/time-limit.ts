import { contract } from '../contract';
import { isThenable } from './call';
import { mayAsk } from './confirm';
import { CallContext } from './context';
import type { DefinedTool } from './define-tool';
import { NetworkTransportError } from './tool-errors';

type Timed = Pick<DefinedTool, 'timeoutSeconds' | 'retries'>;
type Limited = Timed & Pick<DefinedTool, 'asks' | 'confirm'>;

/** How long one call of a tool may take, in milliseconds. */
export function timeLimitOf({ timeoutSeconds = contract.call.timeoutSeconds }: Timed): number {
  return timeoutSeconds * 1000;
}

/** How often an engine may try a call of a tool again that brought no answer. */
export function retriesOf({ retries = contract.call.retries }: Timed): number {
  return retries;
}

/**
 * What an engine, which has one number for all tools, and a proxy must allow: the longest time, the fewest retries, and
 * whether a person may be asked meanwhile.
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

/** What is wrong with the times that a definition says, one sentence each. */
export function timeErrors({ timeoutSeconds, retries }: Timed): readonly string[] {
  const { maxTimeoutSeconds, maxRetries } = contract.call;
  return [
    ...wholeNumber('timeoutSeconds', timeoutSeconds, 1, maxTimeoutSeconds, ' seconds'),
    ...wholeNumber('retries', retries, 0, maxRetries),
  ];
}

function wholeNumber(field: string, value: unknown, least: number, most: number, unit = ''): readonly string[] {
  const isRight = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  return value === undefined || isRight ? [] : [`${field} is not a whole number from ${least} to ${most}${unit}`];
}

/**
 * The same `run`, whose promise lasts no longer than the tool's time: then the signal is aborted and the promise rejects with
 * NetworkTransportError, whatever the tool goes on doing. What answers at once is returned as it is.
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
        // First, so that no tool can answer the abort with a result that would come too late for others.
        reject(new NetworkTransportError(text, 'timeout', { canRetry }));
        if (context instanceof CallContext) context.abort(new DOMException(text, 'TimeoutError'));
      }, limitMs).unref();
      Promise.resolve(result)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  };
}
