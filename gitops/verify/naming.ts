import type { Platform } from '../../model/platform';

/** What gives a public host its name: a record of ours, or what the platform says in its place. */
export type Naming = NonNullable<Platform['dns']['none']> | 'record';

/** What to do where a host has no name yet. */
export const notNamed: Readonly<Record<Naming, string>> = {
  record: 'merge and apply the record of npm run synth',
  wildcard: 'see that the zone has its wildcard record',
  'external-dns': 'see in the log of external-dns what it makes of the server’s objects',
};

/** What to do where a name leads elsewhere. */
export const namedOtherwise: Readonly<Record<Naming, string>> = {
  record: 'merge and apply the record that npm run synth writes',
  wildcard: 'let the wildcard record of the zone lead there, and look for a record of this name alone',
  'external-dns': 'see in the log of external-dns whether another record of this name is in its way',
};
