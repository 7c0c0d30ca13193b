import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../charts/render';
import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { type Way, waysOf } from '../../model/ways';
import type { OutputFile } from './output-file';

/**
 * The host on every way in is the one that the DNS record and the address to register are made of. All come from one
 * field; this finds extra chart values that overwrite it.
 */
export function hostAgreement(server: Server, files: readonly OutputFile[]): readonly Problem[] {
  const found = files.flatMap(({ objects = [] }) => objects).flatMap(hostsOf);
  const wanted = server.isPublic ? waysOf(server.platform).map(({ kind }) => entrance(kind, [server.host])) : [];
  if (isDeepStrictEqual([...found].sort(), [...wanted].sort())) return [];
  const has = found.length === 0 ? 'no way in has a host' : found.join(' and ');
  const fix = 'state the host once, in the field host, and take it out of values';
  const message = `Cannot name "${server.name}" in one way: ${has}, and callers are told "${server.url}"`;
  return [new Problem('HOST-MISMATCH', message, { file: server.source, path: 'host', fix })];
}

/** What an object says of the hosts of a way in; nothing for any other object, and for a chart whose ingress is off. */
function hostsOf(object: Manifest): readonly string[] {
  if (object.kind === 'Ingress') return [entrance('ingress', [at(object, 'spec', 'rules', '0', 'host')])];
  if (object.kind === 'HTTPRoute') return [entrance('gateway', at(object, 'spec', 'hostnames'))];
  const hosts = object.kind === 'HelmRelease' ? at(object, 'spec', 'values', 'ingress', 'hosts') : undefined;
  return hosts === undefined ? [] : [entrance('ingress', hosts)];
}

function entrance(kind: Way['kind'], hosts: unknown): string {
  return `the ${kind} has ${JSON.stringify(hosts)}`;
}
