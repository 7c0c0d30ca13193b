import type { FileChange } from './plan';

/**
 * What a delivery does, in one line of at most 72 characters: `Add a and b; remove c`. Counts stand for names that do not
 * fit. A server is added when all of its files are new, and removed when all of them go.
 */
export function summaryOf(changes: readonly FileChange[]): string {
  const named = sentence(changes, (servers) => servers.join(', ').replace(/, ([^,]*)$/, ' and $1'));
  return named.length <= 72 ? named : sentence(changes, counted);
}

function sentence(changes: readonly FileChange[], list: (servers: readonly string[]) => string): string {
  const verbs = new Map<string, string[]>();
  for (const [server, states] of statesByServer(changes)) {
    const [state, ...others] = states;
    const verb = others.length > 0 || state === 'changed' ? 'update' : state === 'new' ? 'add' : 'remove';
    verbs.set(verb, [...(verbs.get(verb) ?? []), server]);
  }
  const parts = ['add', 'update', 'remove'].flatMap((verb) => {
    const servers = verbs.get(verb);
    return servers === undefined ? [] : [`${verb} ${list(servers.sort())}`];
  });
  const text = parts.join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function statesByServer(changes: readonly FileChange[]): ReadonlyMap<string, ReadonlySet<FileChange['state']>> {
  const states = new Map<string, Set<FileChange['state']>>();
  for (const { server = 'the workspace', state } of changes) {
    states.set(server, (states.get(server) ?? new Set()).add(state));
  }
  return new Map([...states].filter(([, found]) => [...found].some((state) => state !== 'unchanged')));
}

function counted(servers: readonly string[]): string {
  return servers.length === 1 ? (servers[0] ?? '') : `${servers.length} servers`;
}
