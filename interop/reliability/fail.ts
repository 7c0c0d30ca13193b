import { Problem } from '../../model/problem';

/**
 * Ends a part that has not gone as it should.
 * @param found what was seen instead. @default - `what` says it all
 */
export function fail(what: string, found?: unknown): never {
  const seen = found === undefined ? '' : `: ${JSON.stringify(found)}`;
  throw new Problem('INTEROP-FAILED', `Cannot call it reliable: ${what}${seen}`, {
    fix: 'run this part by itself and look at the log of the worker',
  });
}
