import { isIP } from 'node:net';
import { z } from 'zod';
import type { Platform } from './platform';
import { rule } from './schema-problems';
import { waysOf } from './ways';

/**
 * A host that may stand in the zone's public record and on the ingress: whole, lower case, in the zone, and no name that a
 * platform needs for itself. Limits of RFC 1035 section 2.3.4: 63 characters a label, 253 in all.
 * @param platforms every platform there is
 */
export function hostRule({ name, flag, dns: { zone } }: Platform, platforms: readonly Platform[]) {
  return z.string().superRefine((host, context) => {
    // Zones differ, so one name for all platforms is seldom in each of them.
    const where = flag === '' ? '' : `; for this platform alone as platforms: { '${name}': { host: '…' } }`;
    const fix = `write a whole name in the zone, such as my-server.${zone}${where}`;
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

/** Names that lead to the platform: a record of a way in would point at itself, one of the registry away from it. */
function ownNames(platform: Platform) {
  const { registry, source } = platform;
  return [
    ...waysOf(platform).map(({ path, address }) => ({
      name: address.toLowerCase(),
      what: `what every public name points to (${path}.address of ${source})`,
    })),
    { name: registry.split(/[:/]/)[0], what: `where the images are (registry of ${source})` },
  ];
}
