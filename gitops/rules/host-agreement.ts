import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import type { OutputFile } from './output-file';

/**
 * The host on the ingress is the one that the DNS record and the address to register are made of. All come from one
 * field; this finds extra chart values that overwrite it.
 */
export function hostAgreement(server: Server, files: readonly OutputFile[]): readonly Problem[] {
  const ingress = files
    .flatMap(({ objects = [] }) => objects)
    .flatMap((object) => {
      if (object.kind === 'Ingress') return at(object, 'spec', 'rules', '0', 'host') ?? [];
      return object.kind === 'HelmRelease' ? (at(object, 'spec', 'values', 'ingress', 'hosts') ?? []) : [];
    });
  if (JSON.stringify(ingress) === JSON.stringify(server.isPublic ? [server.host] : [])) return [];
  const found = `the ingress has ${JSON.stringify(ingress)}, and callers are told "${server.url}"`;
  const fix = 'state the host once, in the field host, and take it out of values';
  const message = `Cannot name "${server.name}" in one way: ${found}`;
  return [new Problem('HOST-MISMATCH', message, { file: server.source, path: 'host', fix })];
}
