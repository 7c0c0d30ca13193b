import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../charts/render';
import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { type Way, waysOf } from '../../model/ways';
import type { OutputFile } from './output-file';

/**
 * Checks that every ingress and gateway has the host that the DNS record and the registered address use. All come from one
 * field; this finds extra chart values that override it.
 */
export function hostAgreement(server: Server, files: readonly OutputFile[]): readonly Problem[] {
  const found = files.flatMap(({ objects = [] }) => objects).flatMap(hostsOf);
  const wanted = server.isPublic ? waysOf(server.platform).map(({ kind }) => hostsOfWay(kind, [server.host])) : [];
  if (isDeepStrictEqual([...found].sort(), [...wanted].sort())) return [];
  const has = found.length === 0 ? 'no ingress or gateway has a host' : found.join(' and ');
  const fix = 'set the host only in the field host, and remove it from values';
  const message = `Cannot give "${server.name}" one host: ${has}, but callers use "${server.url}"`;
  return [new Problem('HOST-MISMATCH', message, { file: server.source, path: 'host', fix })];
}

/** The hosts of an Ingress, an HTTPRoute or the ingress of a chart; nothing for any other object. */
function hostsOf(object: Manifest): readonly string[] {
  if (object.kind === 'Ingress') return [hostsOfWay('ingress', [at(object, 'spec', 'rules', '0', 'host')])];
  if (object.kind === 'HTTPRoute') return [hostsOfWay('gateway', at(object, 'spec', 'hostnames'))];
  const hosts = object.kind === 'HelmRelease' ? at(object, 'spec', 'values', 'ingress', 'hosts') : undefined;
  return hosts === undefined ? [] : [hostsOfWay('ingress', hosts)];
}

function hostsOfWay(kind: Way['kind'], hosts: unknown): string {
  return `the ${kind} has ${JSON.stringify(hosts)}`;
}
