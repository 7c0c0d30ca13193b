import type { Platform } from '../../model/platform';

/** What names a public host: our own DNS record, or what the platform declares instead. */
export type Naming = NonNullable<Platform['dns']['none']> | 'record';

/** The fix when a host does not resolve yet. */
export const missingNameFix: Readonly<Record<Naming, string>> = {
  record: 'merge and apply the record that npm run synth writes',
  wildcard: 'check that the zone has its wildcard record',
  'external-dns': 'check the log of external-dns for the objects of the server',
};

/** The fix when a host points elsewhere. */
export const wrongNameFix: Readonly<Record<Naming, string>> = {
  record: missingNameFix.record,
  wildcard: 'point the wildcard record of the zone there, and look for a separate record of this name',
  'external-dns': 'check the log of external-dns for a conflicting record of this name',
};
