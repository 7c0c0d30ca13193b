import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { byWay, unreachable } from './ask';
import type { Handshake, World } from './node-world';
import { failed, passed, type Step } from './step';
import type { Target } from './target';

/** Warn when fewer days are left: cert-manager renews 30 days before expiry by default. */
const warningDays = 14;

/** Handshakes with every address, because one outdated address among several fails only intermittently. */
export const hasValidTls: Step = {
  name: 'tls',
  title: 'TLS is valid for the host',
  needs: ['resolve'],
  appliesTo: ({ url }) => url.protocol === 'https:',
  async run(target, { addresses = [] }, world) {
    const asked = world.routedTo === undefined ? addresses : [world.routedTo];
    const tried = await Promise.all(asked.map((address) => tryHandshake(target, address, world)));
    const reached = tried.filter((attempt) => 'handshake' in attempt);
    const errors = tried.filter((attempt) => 'problem' in attempt);
    const bad = reached.find(({ handshake }) => handshake.refusal !== undefined);
    if (bad !== undefined) return failed(invalid(target, bad.address, bad.handshake));
    const blocking = errors.find(({ isLocal }) => !isLocal) ?? (reached.length === 0 ? errors[0] : undefined);
    if (blocking !== undefined) return failed(blocking.problem);
    const left = reached.map(({ handshake }) => (handshake.notAfter.getTime() - world.now().getTime()) / 86_400_000);
    const days = Math.floor(Math.min(...left));
    const unasked = errors.length === 0 ? '' : `; IPv6 addresses not reachable from here: ${errors.length}`;
    const detail = `${days} days left, by ${reached[0]?.handshake.issuer ?? 'an unknown authority'}${unasked}`;
    return days >= warningDays ? passed(detail) : failed(expiresSoon(target, days));
  },
};

type Attempt =
  | { readonly address: string; readonly handshake: Handshake }
  | { readonly problem: Problem; readonly isLocal: boolean };

async function tryHandshake(target: Target, address: string, world: World): Promise<Attempt> {
  try {
    return { address, handshake: await world.handshake(target.url, address) };
  } catch (error) {
    // A missing IPv6 route of this machine says nothing about the server.
    const isUnroutable = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTUNREACH'].includes(systemCode(error) ?? '');
    const isLocal = isUnroutable && address.includes(':');
    return { problem: unreachable(target, target.url, error), isLocal };
  }
}

function invalid({ name, url, way }: Target, address: string, { refusal = '', subject, issuer }: Handshake): Problem {
  const unknown = ['it is not trusted', 'inspect the chain: openssl s_client -connect <host>:443'] as const;
  const [cause = '', fix = ''] = (causes[refusal] ?? unknown).map((text) => byWay(text, way));
  const details = `${refusal}; for "${subject}", by "${issuer}"`;
  const message = `Cannot trust the certificate at ${address} for "${url.hostname}": ${cause} (${details})`;
  const namedFix = fix.replaceAll('<host>', url.hostname).replaceAll('<namespace>', name);
  return new Problem('TLS-INVALID', message, { path: url.href, fix: namedFix });
}

/** The fix when the ingress or the Gateway has no certificate for the host. */
const missing = '<certificates>; a new certificate takes a few minutes: --wait 5m';

const causes: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  CERT_HAS_EXPIRED: ['it has expired', 'kubectl -n <namespace> describe certificate'],
  CERT_NOT_YET_VALID: ['it is not valid yet', 'compare the clocks'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['it is for other names; <the way> has none for this host', missing],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'it is self-signed, like the default one of <the way> for a host without a certificate',
    missing,
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ['its authority is unknown here', 'if it is yours, pass it: --ca <file>'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its authority is unknown here', 'if it is yours, pass it: --ca <file>'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'the server does not send the intermediate certificate',
    'serve the whole chain, or pass the authority: --ca <file>',
  ],
};

function expiresSoon({ name, url }: Target, days: number): Problem {
  return new Problem('TLS-SOON', `The certificate for "${url.hostname}" expires in ${days} days`, {
    path: url.href,
    fix: `find out why it is not renewed: kubectl -n ${name} describe certificate`,
    level: 'warning',
  });
}
