import { isIP } from 'node:net';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { internalReason } from '../engine/public-address';
import { hostOf } from '../http/http-client';
import { missingNameFix, wrongNameFix } from './naming';
import type { World } from './node-world';
import { failed, passed, type Step, skipped } from './step';
import type { Target } from './target';

/** Asks every resolver: callers use different ones, and a new record does not reach all of them together. */
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
 * Compares the CNAME with the declared one; any other means that the record is not ours. A host that is not named
 * by our own record may also resolve to the same addresses.
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
      throw new Problem('DNS-UNRESOLVED', `Cannot look up the CNAME of "${host}" (${silent})`, {
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
    const subject = isOurs ? `The record of "${host}" is not ours: it` : `"${host}" points elsewhere: it`;
    const message = isAbsent
      ? `There is no record of "${host}" yet; ${points}`
      : found === undefined
        ? `${subject} has no CNAME, and ${points}`
        : `${subject} points to "${found}", not to "${target.cname}"`;
    const fix = `${wrongNameFix[target.namedBy]}, or correct the address of the active way in (field ways of the platform file); a proxied record shows no CNAME`;
    throw new Problem('DNS-CNAME', message, { path: host, fix });
  },
};

/** Whether all addresses are addresses of `there`, a name or an address, according to any resolver. */
async function leadsTo(there: string, addresses: readonly string[], resolvers: World['resolvers']): Promise<boolean> {
  const asked = resolvers.map((resolver) => answerOf(resolver.name, resolver.addresses(there), []));
  const known = isIP(there) === 0 ? (await Promise.all(asked)).flatMap(({ found }) => found) : [there];
  return addresses.length > 0 && addresses.every((address) => known.includes(address));
}

/** Checks the addresses and the URL as the engine's SSRF guard does. */
export const isPublic: Step = {
  name: 'public',
  title: 'address is public',
  run(target, { addresses = [], addressesBy = [] }) {
    const { url, allowlist } = target;
    const refused = addresses.flatMap((address) => {
      const reason = internalReason(address);
      if (reason === undefined || allowlist.covers(url, address)) return [];
      const sources = addressesBy.filter(({ found }) => found.includes(address)).map(({ name }) => name);
      return `${address} is ${reason}${sources.length < addressesBy.length ? ` (only according to ${sources.join(' and ')})` : ''}`;
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
  const { args, url, isInternal } = target;
  const message =
    `The engine refuses private addresses for workers registered in the dashboard, and ${reasons.join(', ')}. ` +
    'Its health check has no such guard: the worker turns green, but no tool ever loads';
  const alternatives = `the engine's file (npm run register -- ${args} --print) or its ssrfAllowlist (--allowlisted <entry>)`;
  return new Problem('INTERNAL-URL', message, {
    path: url.href,
    fix: isInternal
      ? `it is declared internal, so use ${alternatives}`
      : `use a public host (npm run deliver), ${alternatives}`,
    level: isInternal ? 'warning' : 'error',
  });
}

/** Why a URL like this can only be reached from inside; undefined when it could be public. */
function formReason(url: URL): string | undefined {
  const host = hostOf(url).replace(/\.$/, '');
  if (isIP(host) !== 0) return undefined;
  if (/(^|\.)(local|internal|svc|localhost)$/.test(host)) return `"${host}" is a name inside a cluster or a machine`;
  if (!host.includes('.')) return `"${host}" has no dot`;
  return url.protocol === 'https:' ? undefined : 'the URL is not https';
}

/** The addresses that a resolver returns, or without any the CNAME that the name still has. */
async function addressesOf({ name, addresses, cname }: World['resolvers'][number], host: string) {
  const answer = await answerOf(name, addresses(host), []);
  if (answer.found.length > 0 || answer.error !== undefined) return { ...answer, alias: undefined };
  // An alias of a name without addresses looks like a name that does not exist.
  const { found: alias } = await answerOf<string | undefined>(name, cname(host), undefined);
  return { ...answer, alias };
}

/**
 * The answer of a resolver. `error` is set when it gave none; "no such name" is an answer.
 * @param nothing the result when the name, or this record of it, does not exist
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
  ECONNREFUSED: 'cannot be reached',
  ESERVFAIL: 'server failure',
  EREFUSED: 'refuses to answer',
};

type Answers = readonly Awaited<ReturnType<typeof addressesOf>>[];

function unresolved(target: Target, host: string, answers: Answers): Problem {
  const isPartial = answers.some(({ found }) => found.length > 0);
  const byResolver = answers.map((answer) => `${answer.name}: ${wordsOf(answer)}`);
  const message = `Cannot resolve "${host}"${isPartial ? ' everywhere' : ''} (${byResolver.join(', ')})`;
  return new Problem('DNS-UNRESOLVED', message, { path: host, fix: fixFor(target, isPartial, answers) });
}

function fixFor({ args, isInternal, cname, namedBy }: Target, isPartial: boolean, answers: Answers): string {
  if (answers.every(({ error }) => error !== undefined)) {
    return 'no resolver could be reached: check the network and firewall of this machine, or name a resolver that answers: --resolver <address>';
  }
  if (isPartial) {
    return `resolvers find a new record once their cached "no such name" expires: npm run verify -- ${args} --wait 30m; public resolvers never find a record of a private zone`;
  }
  if (isInternal) return 'the name exists only in the cluster: run verify in a pod there';
  const record = `${missingNameFix[namedBy]}, then npm run verify -- ${args} --wait 5m`;
  const alias = answers.find((answer) => answer.alias !== undefined)?.alias;
  if (alias === undefined) return record;
  return alias.toLowerCase() === cname
    ? `the record is correct: find out why ${alias}, the address of the active way in (field ways of the platform file), has no address`
    : `the existing record is not ours: ${record}`;
}

function wordsOf({ found, error, isAbsent, alias }: Answers[number]): string {
  if (error !== undefined) return error;
  if (alias !== undefined) return `it points to ${alias}, which has no address`;
  return found.join(' ') || (isAbsent ? 'no such name' : 'no address');
}
