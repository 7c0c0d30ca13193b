import { targetProblems } from '../../dns/records';
import { workspaceOf } from '../../model/dns';
import { type Platform, unconfirmed } from '../../model/platform';
import { Problem } from '../../model/problem';

/**
 * Reports facts that only the company knows and that are not confirmed yet: a first run renders without them, but nothing is
 * delivered. Reports invalid DNS targets too.
 */
export function platformFacts(platform: Platform): readonly Problem[] {
  const { name, namespace } = platform.chart?.source ?? {};
  const { workspace, zoneId } = workspaceOf(platform) ?? {};
  return [
    ...unset('SOURCE-UNSET', 'manifests', { 'chart.source.name': name, 'chart.source.namespace': namespace }, platform),
    ...unset('DNS-ZONE-UNSET', 'DNS records', { 'dns.workspace': workspace, 'dns.zoneId': zoneId }, platform),
    ...targetProblems(platform),
  ];
}

function unset(
  code: 'SOURCE-UNSET' | 'DNS-ZONE-UNSET',
  what: string,
  facts: Readonly<Record<string, string | undefined>>,
  { source: file }: Platform,
): readonly Problem[] {
  const open = Object.entries(facts).filter(([, value]) => value === '' || value?.includes(unconfirmed));
  if (open.length === 0) return [];
  const paths = open.map(([path]) => path).join(' and ');
  const isEmpty = open.some(([, value]) => value === '');
  const message = `Cannot deliver ${what} yet: ${paths} ${open.length > 1 ? 'are' : 'is'} ${isEmpty ? 'empty' : 'not confirmed'}`;
  const fix = 'ask for it (docs/delivery.md) and fill it in';
  return [new Problem(code, message, { file, path: paths, fix, level: isEmpty ? 'error' : 'delivery' })];
}
