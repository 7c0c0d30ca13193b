import { targetProblems } from '../../dns/records';
import { type Platform, unconfirmed } from '../../model/platform';
import { Problem } from '../../model/problem';

/**
 * The facts that cannot be known from outside the company, as long as they are not confirmed; and those that are wrong.
 * @param isDelivery unconfirmed facts are errors then, and warnings otherwise: the first run renders without them
 */
export function platformFacts(platform: Platform, { isDelivery = false } = {}): readonly Problem[] {
  const { chart, dns } = platform;
  return [
    ...(chart === undefined
      ? []
      : unset(
          'SOURCE-UNSET',
          { 'chart.source.name': chart.source.name, 'chart.source.namespace': chart.source.namespace },
          platform,
          isDelivery,
        )),
    ...unset('DNS-ZONE-UNSET', { 'dns.workspace': dns.workspace, 'dns.zoneId': dns.zoneId }, platform, isDelivery),
    ...targetProblems(platform),
  ];
}

function unset(
  code: 'SOURCE-UNSET' | 'DNS-ZONE-UNSET',
  facts: Readonly<Record<string, string>>,
  { source: file }: Platform,
  isDelivery: boolean,
): readonly Problem[] {
  const open = Object.entries(facts).filter(([, value]) => value === '' || value.includes(unconfirmed));
  if (open.length === 0) return [];
  const paths = open.map(([path]) => path).join(' and ');
  const isEmpty = open.some(([, value]) => value === '');
  const message = `Cannot deliver yet: ${paths} ${open.length > 1 ? 'are' : 'is'} ${isEmpty ? 'empty' : 'not confirmed'}`;
  const fix = 'ask for it (README, "Before the first delivery") and write it there';
  return [new Problem(code, message, { file, path: paths, fix, level: isDelivery || isEmpty ? 'error' : 'warning' })];
}
