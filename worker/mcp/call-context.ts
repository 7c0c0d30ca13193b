import { CallContext, type CallDetails, type Lookup } from '../catalog/context';
import { timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import { isObject } from '../json';
import type { Members } from './protocol';
import { ownersTrial } from './refusal';
import type { McpCall } from './service';
import type { ToolSurroundings } from './tools';

/** What the function of a tool or a resource may know of its call. */
export function contextOf(
  {
    definition,
    hasNeeds,
  }: { readonly definition: Pick<Tool['definition'], 'requires' | 'timeoutSeconds'>; readonly hasNeeds: boolean },
  userId: () => string,
  surroundings: ToolSurroundings,
  call: McpCall,
  reach: CallDetails['reach'],
  startedAt?: number,
): CallContext {
  const { requires = {} } = definition;
  const trial = hasNeeds ? ownersTrial(call, surroundings) : undefined;
  const token = progressTokenOf(call.params);
  return new CallContext({
    // Not an accessor: V8 makes a hidden class for each object literal that has one, which holds on to the whole call until
    // the next full collection (Node 24.21).
    userId,
    secrets: requires.secrets && secretsFor(requires.secrets, trial?.secretOf ?? surroundings.secretOf),
    token: trial?.tokenOf(requires),
    signal: () => call.signal,
    reach,
    startedAt,
    limitMs: timeLimitOf(definition),
    ...(token === undefined
      ? {}
      : {
          progress: (progress: number, total?: number, message?: string) => {
            // JSON would make them null, and clients refuse a report without a number.
            if (!Number.isFinite(progress)) return;
            const known = Number.isFinite(total) ? total : undefined;
            call.notify('notifications/progress', { progressToken: token, progress, total: known, message });
          },
        }),
  });
}

/** Who calls. An anonymous user id is made only when it is asked for, and stays the same for the call. */
export function userIdOf({ from: { caller } }: McpCall, { anonymousUser }: ToolSurroundings): () => string {
  let userId = caller?.userId;
  return () => {
    userId ??= anonymousUser();
    return userId;
  };
}

function progressTokenOf({ _meta }: Members): string | number | undefined {
  const token = isObject(_meta) ? _meta.progressToken : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function secretsFor(keys: readonly string[], secretOf: ToolSurroundings['secretOf']): Lookup['entries'] {
  return keys.flatMap((key) => {
    const value = secretOf(key);
    return value === undefined ? [] : [{ key, value }];
  });
}
