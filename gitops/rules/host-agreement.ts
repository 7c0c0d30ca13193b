import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import type { OutputFile } from '../synth/tree';
import { at } from './check';

/**
 * The host on the ingress, the name of the DNS record and the address to register are one. They come from one field;
 * this finds a mapping that has lost it, and extra chart values that overwrite it.
 */
export function hostAgreement(server: Server, files: readonly OutputFile[], platform: Platform): readonly Problem[] {
  const objects = files.flatMap(({ objects = [] }) => objects);
  const ingress = objects.flatMap((object) => {
    if (object.kind === 'Ingress') return at(object, 'spec', 'rules', '0', 'host') ?? [];
    return object.kind === 'HelmRelease' ? (at(object, 'spec', 'values', 'ingress', 'hosts') ?? []) : [];
  });
  const records = files
    .filter(({ path }) => path.endsWith(`/${server.name}.tf.json`))
    .map(({ text }) => at(JSON.parse(text), 'resource', platform.dns.resourceType, server.resourceLabel, 'name'));
  const wanted = server.isPublic ? [server.host] : [];
  const agrees = [ingress, records].every((hosts) => JSON.stringify(hosts) === JSON.stringify(wanted));
  if (agrees) return [];
  const found = `ingress ${JSON.stringify(ingress)}, DNS ${JSON.stringify(records)}, address to register "${server.url}"`;
  return [
    new Problem('HOST-MISMATCH', `Cannot name "${server.name}" in one way: ${found}`, {
      file: server.source,
      path: 'host',
      fix: 'state the host once, in the field host, and take it out of values',
    }),
  ];
}
