import { Problem, type ProblemCode } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { type HttpRequest, type HttpResponse, reasonOf } from '../http/http-client';
import { isPage, loginWall } from './login-wall';
import type { World } from './node-world';
import type { Facts } from './step';
import { type Target, urlOf } from './target';

/**
 * One request to a path of the server, at the addresses that were found.
 * @throws Problem UNREACHABLE
 */
export async function ask(
  target: Target,
  { addresses = [] }: Facts,
  world: World,
  path: string,
  request: HttpRequest = {},
): Promise<HttpResponse> {
  const url = urlOf(target, path);
  try {
    return await world.connect(addresses).request(url, request);
  } catch (error) {
    throw unreachable(target, url, error);
  }
}

/** A body that should be JSON; undefined when it is not. */
export function jsonOf({ body }: Pick<HttpResponse, 'body'>): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON: the callers report what came instead.
    return undefined;
  }
}

/**
 * A response that a worker would not send → its most likely cause, and what to do next.
 * @param code the code for everything but a login wall
 */
export function unexpected(code: ProblemCode, target: Target, path: string, response: HttpResponse): Problem {
  const url = urlOf(target, path);
  const where = `${target.name}: ${url.pathname}`;
  const wall = loginWall(response, url);
  if (wall !== undefined) {
    const fix = `take the login off this host (st-app: oAuth.enabled: false, what npm run synth writes), then npm run verify -- ${target.words}`;
    const message = `Cannot reach ${where}: ${wall} stands in front of it, and machines cannot log in`;
    return new Problem('LOGIN-WALL', message, { path: url.href, fix });
  }
  const [cause, fix] = causeOf(target, response);
  return new Problem(code, `Cannot use ${where}: it answered ${response.status}; ${cause}`, { path: url.href, fix });
}

/** A connection that failed or broke off → the same. */
export function unreachable({ name, way }: Target, { href, hostname, port }: URL, error: unknown): Problem {
  const host = `${hostname}:${port || 443}`;
  const unknown = [reasonOf(error), 'see whether the address answers at all: curl -v <address>'] as const;
  const [cause, fix] = connectionCauses[systemCode(error) ?? ''] ?? handshakeCause(error) ?? unknown;
  return new Problem('UNREACHABLE', `Cannot reach ${name} at ${href}: ${cause}`, {
    path: href,
    fix: byWay(fix.replaceAll('<address>', href).replaceAll('<host>', host).replaceAll('<namespace>', name), way),
    cause: error,
  });
}

/** How sentences and kubectl call what leads to a server, and where its certificates are. */
const wayWords = {
  ingress: ['the ingress', 'ingress', 'kubectl -n <namespace> get ingress,certificate'],
  gateway: ['the Gateway', 'httproute', 'kubectl get gateways -A -o yaml, whose listeners name the certificates'],
} as const;

/** A text about one way in or the other: `<the way>`, `<kind>` and `<certificates>` in it. */
export function byWay(text: string, way: Target['way'] = 'ingress'): string {
  const [entrance, kind, certificates] = wayWords[way];
  return text.replaceAll('<the way>', entrance).replaceAll('<kind>', kind).replaceAll('<certificates>', certificates);
}

/** What OpenSSL says of a handshake (3.0): the text of such an error is a line of its source, the code has the reason. */
function handshakeCause(error: unknown): CauseAndFix | undefined {
  const code = systemCode(error) ?? '';
  const [, reason] = /^ERR_SSL_(?:TLSV1_|SSLV3_)?(?:ALERT_)?(.+)$/.exec(code) ?? [];
  if (reason === undefined) return undefined;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/.test(reason)) return notTls;
  const words = reason.toLowerCase().replaceAll('_', ' ');
  return [`the TLS handshake fails (${words})`, 'see what it offers: openssl s_client -connect <host>'];
}

const notTls: CauseAndFix = [
  'what answers there does not speak TLS',
  'see whether it is a plain http port: then register it with http://, or give <the way> a certificate',
];

/** What to look at in the cluster, by where secrets come from. */
const secretKinds = { sealed: 'sealedsecret,secret', external: 'externalsecret,secret', existing: 'secret' };

type CauseAndFix = readonly [cause: string, fix: string];

function causeOf({ name, words, stored, way }: Target, { status, headers, body }: HttpResponse): CauseAndFix {
  const pods = `kubectl -n ${name} get pods,endpointslices`;
  const log = `kubectl -n ${name} logs deploy/${name}`;
  if (status >= 300 && status < 400) {
    const what = `it redirects to "${headers.location ?? 'nowhere'}", and the engine follows no redirect`;
    return [what, 'register an address that answers without a redirect'];
  }
  if (status === 404 && /"detail":\s*"Not Found"/.test(body)) {
    const fix = `kubectl -n ${name} get ${secretKinds[stored?.kind ?? 'sealed']}; then npm run verify -- ${words} --kubectl`;
    return ['the worker runs without a worker secret, or is no Arcade worker', fix];
  }
  const [entrance, kind] = wayWords[way ?? 'ingress'];
  if (status === 404) return [`${entrance} has no rule for this host`, `kubectl -n ${name} get ${kind}`];
  if (status === 502 || status === 503) return [`${entrance} finds no pod that is ready`, pods];
  if (status === 504) return [`the pod does not answer ${entrance} in time`, log];
  if (status === 429) return ['it asks for fewer requests', 'wait a minute and run it again'];
  if (status === 401 || status === 403)
    return ['something in front of it wants other credentials', `kubectl -n ${name} get ${kind} -o yaml`];
  if (status >= 500) return ['the worker, or what is in front of it, fails', log];
  if (isPage(headers['content-type']))
    return ['a web page came instead of JSON', 'see which server that is: curl -i <it>'];
  return ['its body is not what a worker sends', 'see whether another server has this host'];
}

const connectionCauses: Readonly<Record<string, CauseAndFix>> = {
  ECONNREFUSED: ['nothing listens there', 'kubectl -n <namespace> get <kind>,service,pods'],
  ETIMEDOUT: ['no answer in time, as when a firewall drops it', 'try it from another network: curl -v <address>'],
  EHOSTUNREACH: ['this machine has no route to it', 'run it where the engine runs'],
  ENETUNREACH: ['this machine has no route to it', 'run it where the engine runs'],
  ECONNRESET: [
    'the connection was cut',
    'see the log of <the way>; or a plain http port was asked for TLS, or the reverse',
  ],
  EPROTO: notTls,
  EMSGSIZE: ['its answer is too long to be one of a worker', 'see which server that is: curl -i <address>'],
};
