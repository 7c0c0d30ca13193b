import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Problem } from '../../model/problem';

/** The private addresses that an engine may call: its `ssrf_allowlist` (Arcade's guide, 2026-06). */
export interface Allowlist {
  readonly entries: readonly string[];
  /** Whether an entry covers this worker at this resolved address. */
  covers(url: URL, address: string): boolean;
}

/**
 * Parses exact URLs such as `https://host:8080`, wildcards such as `*.corp.internal`, which do not cover the bare domain,
 * and ranges such as `10.10.0.0/16`.
 * @throws Problem ENGINE-ALLOWLIST for an entry that would stop the engine
 */
export function allowlistFrom(entries: readonly string[]): Allowlist {
  const rules = entries.map(ruleOf);
  return { entries, covers: (url, address) => rules.some((rule) => rule(url, address)) };
}

type Rule = (url: URL, address: string) => boolean;

function ruleOf(entry: string): Rule {
  const rule = rangeRule(entry) ?? wildcardRule(entry) ?? urlRule(entry);
  if (rule !== undefined) return rule;
  throw new Problem('ENGINE-ALLOWLIST', `Cannot read "${entry}" as an entry of the engine's ssrfAllowlist`, {
    fix:
      isIP(entry) === 0
        ? 'write an exact URL (https://host:8080), a wildcard (*.corp.internal) or a range (10.10.0.0/16)'
        : `write it as a range: ${entry}/${isIP(entry) === 4 ? 32 : 128}`,
  });
}

function rangeRule(entry: string): Rule | undefined {
  if (!ipaddr.isValidCIDR(entry)) return undefined;
  const [prefix, bits] = ipaddr.parseCIDR(entry);
  return (_url, text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return address.kind() === prefix.kind() && address.match(prefix, bits);
  };
}

function wildcardRule(entry: string): Rule | undefined {
  const suffix = /^\*(\.[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$/i.exec(entry)?.[1]?.toLowerCase();
  return suffix === undefined ? undefined : ({ hostname }) => hostname.endsWith(suffix);
}

function urlRule(entry: string): Rule | undefined {
  if (!/^https?:\/\/[^/?#]+\/?$/i.test(entry) || !URL.canParse(entry)) return undefined;
  const { origin } = new URL(entry);
  return (url) => url.origin === origin;
}
