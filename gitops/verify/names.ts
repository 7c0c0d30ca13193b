import { isIP } from 'node:net';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { internalReason } from '../engine/public-address';
import { hostOf } from '../http/http-client';
import { namedOtherwise, notNamed } from './naming';
import type { World } from './node-world';
import { failed, passed, type Step, skipped } from './step';
import type { Target } from './target';

/** Asks every resolver for the addresses: callers use different ones, and a new record reaches them one after another. */
export const resolves: Step = {
  name: 'resolve',
  title: 'name resolves',
  async run(target, _facts, { resolvers }) {
    const host = hostOf(target.url);
    if (isIP(host) !== 0) return passed(`${host} is an address`, { addresses: [host] });
    // Only the cluster's own resolver knows a name inside the cluster.
    const asked = target.isInternal ? resolvers.slice(0, 1) : resolvers;
    const answers = await Promise.all(asked.map((resolver) => addressesOf(resolver, host)));
    const addresses = [...new Set(answers.flatMap(({ found }) => found))];
    const facts = { addresses, addressesBy: answers.filter(({ error }) => error === undefined) };
    const isUnknown = answers.some(({ error, found }) => error === undefined && found.length === 0);
    if (addresses.length === 0 || isUnknown) return failed(unresolved(target, host, answers), facts);
    const silent = answers.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error}`);
    const agreeing = answers.filter(({ error }) => error === undefined).map(({ name }) => name);
    return passed([`${addresses.join(', ')} (${agreeing.join(', ')})`, ...silent].join('; '), facts);
  },
};

/**
 * Compares the alias with the declared one: any other means that the record is not ours. Where it is no record of ours that
 * names the host, the addresses of the same place will do.
 */
export const hasCname: Step = {
  name: 'cname',
  title: 'CNAME is the expected one',
  needs: ['resolve'],
  appliesTo: ({ cname }) => cname !== undefined,
  async run(target, { addresses = [] }, { resolvers }) {
    const host = hostOf(target.url);
    const answers = await Promise.all(resolvers.map(({ name, cname }) => answerOf(name, cname(host), undefined)));
    const answer = answers.find(({ error }) => error === undefined);
    if (answer === undefined) {
      const silent = answers.map(({ name, error }) => `${name}: ${error}`).join(', ');
      throw new Problem('DNS-UNRESOLVED', `Cannot ask for the CNAME of "${host}" (${silent})`, {
        path: host,
        fix: 'run it again, or name a resolver that answers: --resolver <address>',
      });
    }
    const { found, isAbsent } = answer;
    if (found?.toLowerCase() === target.cname) return passed(found ?? '');
    const isOurs = target.namedBy === 'record';
    if (!isOurs && (await leadsTo(target.cname ?? '', addresses, resolvers)))
      return passed(`the addresses of ${target.cname}`);
    const points = `it should point to "${target.cname}"`;
    const isOther = isOurs ? `The record of "${host}" is not ours: it` : `"${host}" leads elsewhere: it`;
    const message = isAbsent
      ? `There is no record of "${host}" yet; ${points}`
      : found === undefined
        ? `${isOther} has no CNAME, and ${points}`
        : `${isOther} points to "${found}", not to "${target.cname}"`;
    const fix = `${namedOtherwise[target.namedBy]}, or correct the address of the active way (ways in the file of the platform); a proxied record shows no CNAME`;
    throw new Problem('DNS-CNAME', message, { path: host, fix });
  },
};

/** Whether all addresses of a host are those of another name, or are that address, in the eyes of any resolver. */
async function leadsTo(there: string, addresses: readonly string[], resolvers: World['resolvers']): Promise<boolean> {
  const asked = resolvers.map((resolver) => answerOf(resolver.name, resolver.addresses(there), []));
  const known = isIP(there) === 0 ? (await Promise.all(asked)).flatMap(({ found }) => found) : [there];
  return addresses.length > 0 && addresses.every((address) => known.includes(address));
}

/** Judges the addresses and the form of the URL as the engine's guard does. */
export const isPublic: Step = {
  name: 'public',
  title: 'address is public',
  run(target, { addresses = [], addressesBy = [] }) {
    const { url, allowlist } = target;
    const refused = addresses.flatMap((address) => {
      const reason = internalReason(address);
      if (reason === undefined || allowlist.covers(url, address)) return [];
      const sayers = addressesBy.filter(({ found }) => found.includes(address)).map(({ name }) => name);
      return `${address} is ${reason}${sayers.length < addressesBy.length ? ` (only ${sayers.join(' and ')} says it)` : ''}`;
    });
    const form = formReason(url);
    const isListed = ['', ...addresses].some((address) => allowlist.covers(url, address));
    const reasons = [...(form === undefined || isListed ? [] : [form]), ...refused];
    if (reasons.length > 0) return failed(internalUrl(target, reasons), { isRefused: true });
    const listed = addresses.filter((address) => internalReason(address) !== undefined).length;
    if (listed > 0) return passed(`private, and the engine's allow-list covers it`);
    if (addresses.length === 0) return skipped('no address is known');
    return passed(`${addresses.length} of ${addresses.length}`);
  },
};

function internalUrl(target: Target, reasons: readonly string[]): Problem {
  const { words, url, isInternal } = target;
  const message =
    `The engine refuses private addresses for workers registered in the dashboard, and ${reasons.join(', ')}. ` +
    'Its health check is not guarded: such a worker turns green, and no tool ever loads';
  const ways = `the engine's file (npm run register -- ${words} --print) or its ssrfAllowlist (--allowlisted <entry>)`;
  return new Problem('INTERNAL-URL', message, {
    path: url.href,
    fix: isInternal ? `it is declared internal, so use ${ways}` : `use a public host (npm run deliver), ${ways}`,
    level: isInternal ? 'warning' : 'error',
  });
}

/** Why the form of the URL alone shows that it is reachable only from inside; undefined when it does not. */
function formReason(url: URL): string | undefined {
  const host = hostOf(url).replace(/\.$/, '');
  if (isIP(host) !== 0) return undefined;
  if (/(^|\.)(local|internal|svc|localhost)$/.test(host)) return `"${host}" is a name inside a cluster or a machine`;
  if (!host.includes('.')) return `"${host}" has no dot`;
  return url.protocol === 'https:' ? undefined : 'the URL is not https';
}

/** The addresses that a resolver knows; where it knows none, what the name is an alias for all the same. */
async function addressesOf({ name, addresses, cname }: World['resolvers'][number], host: string) {
  const answer = await answerOf(name, addresses(host), []);
  if (answer.found.length > 0 || answer.error !== undefined) return { ...answer, alias: undefined };
  // An alias for a name without addresses gets the same answers as a name that is not there.
  const { found: alias } = await answerOf<string | undefined>(name, cname(host), undefined);
  return { ...answer, alias };
}

/**
 * What a resolver says of a name. With an `error` it could not be asked; without one it answered, if only that there is
 * no such name.
 * @param nothing what is found when there is no such name, or no such record under it
 */
async function answerOf<T>(name: string, lookup: Promise<T>, nothing: T) {
  try {
    return { name, found: await lookup, error: undefined, isAbsent: false };
  } catch (error) {
    const code = systemCode(error) ?? 'ERROR';
    const isAnswer = ['ENOTFOUND', 'ENODATA'].includes(code);
    const reason = isAnswer ? undefined : (resolverWords[code] ?? code);
    return { name, found: nothing, error: reason, isAbsent: code === 'ENOTFOUND' };
  }
}

const resolverWords: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no answer',
  ECONNREFUSED: 'cannot be asked',
  ESERVFAIL: 'server failure',
  EREFUSED: 'refuses to answer',
};

type Answers = readonly Awaited<ReturnType<typeof addressesOf>>[];

function unresolved(target: Target, host: string, answers: Answers): Problem {
  const isPartial = answers.some(({ found }) => found.length > 0);
  const said = answers.map((answer) => `${answer.name}: ${wordsOf(answer)}`);
  const message = `Cannot resolve "${host}"${isPartial ? ' everywhere' : ''} (${said.join(', ')})`;
  return new Problem('DNS-UNRESOLVED', message, { path: host, fix: fixFor(target, isPartial, answers) });
}

function fixFor({ words, isInternal, cname, namedBy }: Target, isPartial: boolean, answers: Answers): string {
  if (answers.every(({ error }) => error !== undefined)) {
    return 'none could be asked: see whether this machine has a network whose firewall lets it, or name a resolver that answers: --resolver <address>';
  }
  if (isPartial) {
    return `a new record is known everywhere once the cached absence has expired: npm run verify -- ${words} --wait 30m; public resolvers never know a record of a private zone`;
  }
  if (isInternal) return 'the name exists only in the cluster: run this in a pod there';
  const record = `${notNamed[namedBy]}, then npm run verify -- ${words} --wait 5m`;
  const alias = answers.find((answer) => answer.alias !== undefined)?.alias;
  if (alias === undefined) return record;
  return alias.toLowerCase() === cname
    ? `the record is there and right: see why ${alias}, the address of the active way in the file of the platform, has none`
    : `the record that is there is not ours: ${record}`;
}

function wordsOf({ found, error, isAbsent, alias }: Answers[number]): string {
  if (error !== undefined) return error;
  if (alias !== undefined) return `it points to ${alias}, which has no address`;
  return found.join(' ') || (isAbsent ? 'no such name' : 'no address');
}
