import { isIP } from 'node:net';
import { z } from 'zod';
import type { Platform } from './platform';
import { rule } from './schema-problems';
import { waysOf } from './ways';

/**
 * A public host: fully qualified, lower case, in the zone, and not a name that a platform uses itself. Limits of RFC 1035
 * section 2.3.4: 63 characters per label, 253 in total.
 * @param platforms all platforms
 */
export function hostRule({ name, flag, dns: { zone } }: Platform, platforms: readonly Platform[]) {
  return z.string().superRefine((host, context) => {
    // Zones differ, so one host is rarely valid on several platforms.
    const where = flag === '' ? '' : `; only for this platform: platforms: { '${name}': { host: '…' } }`;
    const fix = `write a full name in the zone, such as my-server.${zone}${where}`;
    const labels = host.split('.');
    if (isIP(host) !== 0) rule(context, 'DNS-NAME', 'is an address, not a name', fix);
    else if (!host.endsWith(`.${zone}`)) rule(context, 'DNS-NAME', `does not end in the zone "${zone}"`, fix);
    else if (host.length > 253) rule(context, 'DNS-NAME', `has ${host.length} characters, 253 at most`, fix);
    else if (!labels.every((label) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label)))
      rule(context, 'DNS-NAME', 'has a part that is not 1 to 63 lower-case letters, digits and -', fix);
    const owner = platforms.flatMap(ownNames).find((own) => own.name === host);
    if (owner !== undefined) rule(context, 'DNS-NAME', `is ${owner.what}`, `give the server another host: ${fix}`);
  });
}

/** Names that a platform uses itself: the target of its records, which would point to itself, and its registry. */
function ownNames(platform: Platform) {
  const { registry, source } = platform;
  return [
    ...waysOf(platform).map(({ path, address }) => ({
      name: address.toLowerCase(),
      what: `the name that public records point to (${path}.address of ${source})`,
    })),
    { name: registry.split(/[:/]/)[0], what: `the host of the images (registry of ${source})` },
  ];
}
